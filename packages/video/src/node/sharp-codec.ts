import { MediaError } from '@od-vae/core/base';
import type * as Sharp from 'sharp';
import type { ImageCodec } from '../image-codec.ts';
import { checkSize, MAX_PIXELS } from '../limits.ts';
import { importInstalled } from './import-installed.ts';

/** An image codec on sharp, which the user installs; `npm install sharp` is named where it is missing. */
export async function loadSharpCodec(): Promise<ImageCodec> {
  const { default: sharp } = await importSharp();
  return {
    decode: async (input, name) => {
      try {
        const { format } = await sharp(input).metadata();
        const { data, info } = await sharp(input, { limitInputPixels: MAX_PIXELS })
          .autoOrient()
          .flatten({ background: 'white' })
          .toColourspace('srgb')
          .removeAlpha()
          .raw({ depth: 'uchar' })
          .toBuffer({ resolveWithObject: true });
        checkSize(name, info.width, info.height);
        return { width: info.width, height: info.height, data: toRgb(new Uint8Array(data), info.channels), format };
      } catch (cause) {
        throw new MediaError(`openVideo: ${name} is not an image that sharp can read: ${firstLine(cause)}.`, { cause });
      }
    },
    encode: async ({ width, height, data }, format, quality) => {
      const image = sharp(data, { raw: { width, height, channels: 3 } });
      const coded =
        format === 'png'
          ? image.png({ compressionLevel: 6 })
          : image.jpeg({ quality: Math.max(1, Math.round(100 * quality)), chromaSubsampling: '4:4:4' });
      return new Uint8Array(await coded.toBuffer());
    },
  };
}

/** Version of the installed sharp; undefined where it is not installed. */
export async function sharpVersion(): Promise<string | undefined> {
  const loaded = await importSharp().catch(() => undefined);
  return loaded?.default.versions.sharp;
}

async function importSharp(): Promise<typeof Sharp> {
  try {
    return await importInstalled<typeof Sharp>('sharp');
  } catch (cause) {
    throw new MediaError('Images need sharp in Node: run `npm install sharp`.', { cause });
  }
}

/** Grey images come with one channel. */
function toRgb(data: Uint8Array, channels: number): Uint8Array {
  return channels === 3
    ? data
    : Uint8Array.from({ length: data.length * 3 }, (_, index) => data[Math.floor(index / 3)]!);
}

function firstLine(cause: unknown): string {
  return (cause as Error).message.split('\n')[0]!.replace(/\.$/, '');
}
