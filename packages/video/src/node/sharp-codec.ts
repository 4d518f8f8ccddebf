import { MediaError } from '@od-vae/core/base';
import type * as Sharp from 'sharp';
import type { ImageCodec } from '../image-codec.ts';
import type { Pixels } from '../picture.ts';
import { checkSize, MAX_PIXELS } from '../limits.ts';
import { importInstalled } from './import-installed.ts';

/** An image codec on sharp, which the user installs; `npm install sharp` is named where it is missing. */
export async function loadSharpCodec(): Promise<ImageCodec> {
  const { default: sharp } = await importSharp();
  return {
    decode: async (input, name) => {
      try {
        const { format, pages = 1 } = await sharp(input).metadata();
        if (format === 'heif' && pages > 1) {
          throw new MediaError(`openVideo: ${name} must be one image, but has ${pages} without an order in time.`);
        }
        const pixels = await sharpPixels(sharp(input, { limitInputPixels: MAX_PIXELS }).autoOrient());
        checkSize(name, pixels.width, pixels.height);
        return { ...pixels, format };
      } catch (cause) {
        return sharpError(name)(cause);
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

/** Decodes to RGB pixels in sRGB; transparent ones are laid over white. Several pages lie below each other. */
export async function sharpPixels(image: Sharp.Sharp): Promise<Pixels> {
  const { data, info } = await image
    .flatten({ background: 'white' })
    .toColourspace('srgb')
    .removeAlpha()
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data: toRgb(new Uint8Array(data), info.channels) };
}

/** Returns a function that throws the error of a file that sharp cannot read. */
export function sharpError(name: string): (cause: unknown) => never {
  return (cause) => {
    if (cause instanceof MediaError) throw cause;
    throw new MediaError(`openVideo: ${name} is not an image that sharp can read: ${firstLine(cause)}.`, { cause });
  };
}

/** Version of the installed sharp; undefined where it is not installed. */
export async function sharpVersion(): Promise<string | undefined> {
  const loaded = await importSharp().catch(() => undefined);
  return loaded?.default.versions.sharp;
}

/** Imports sharp, or throws an error that names the command which installs it. */
export async function importSharp(): Promise<typeof Sharp> {
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
