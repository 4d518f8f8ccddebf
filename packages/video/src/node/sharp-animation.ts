import { MediaError } from '@od-vae/core/base';
import { type ByteSource, readWhole } from '../byte-source.ts';
import type { Animation } from '../find-animation.ts';
import { shownSeconds } from '../gif-reader.ts';
import { IMAGE_FPS } from '../image-reader.ts';
import { checkSize } from '../limits.ts';
import { type Picture, type Pixels, type PictureSource, simplePicture } from '../picture.ts';
import { importSharp, sharpError, sharpPixels } from './sharp-codec.ts';

/** Pixels that are decoded at once: a WebP file is decoded from its beginning each time. */
const CHUNK_PIXELS = 2 ** 25;

/** Opens an animated WebP file, or a TIFF file of several pages, with sharp; frames are laid over white. */
export async function openWithSharp(
  animation: Extract<Animation, { format: 'webp' | 'tiff' }>,
  bytes: ByteSource,
  fps = IMAGE_FPS,
): Promise<PictureSource> {
  const { default: sharp } = await importSharp();
  const { name } = bytes;
  const data = await readWhole(bytes);
  const metadata = await sharp(data, { pages: 1 }).metadata().catch(sharpError(name));
  const { orientation = 1, delay = [] } = metadata;
  const [width, height] = orientation > 4 ? [metadata.height, metadata.width] : [metadata.width, metadata.height];
  checkSize(`openVideo: ${name}`, width, height);
  const pages =
    animation.format === 'tiff' ? animation.pages : Array.from({ length: metadata.pages ?? 1 }, (_, page) => page);
  const durations = pages.map((page) => (animation.format === 'tiff' ? 1 / fps : shownSeconds(delay[page] ?? 0)));
  const duration = durations.reduce((sum, one) => sum + one, 0);
  const together =
    animation.format === 'tiff' || orientation > 1 ? 1 : Math.max(1, Math.floor(CHUNK_PIXELS / (width * height)));
  const decode = async (first: number, count: number): Promise<Pixels> => {
    const image = sharp(data, {
      page: pages[first]!,
      pages: count,
      limitInputPixels: Math.max(CHUNK_PIXELS, width * height),
    });
    return sharpPixels(image).catch(sharpError(name));
  };
  return {
    info: {
      width,
      height,
      fps: animation.format === 'tiff' ? fps : pages.length / duration,
      frameCount: pages.length,
      duration,
      codec: animation.format,
      container: 'image',
      rotation: 0,
      colour: { matrix: 'rgb', range: 'full' },
    },
    pictures: () => readPictures({ name, width, height, durations, together, decode }),
    close: () => bytes.close(),
  };
}

async function* readPictures({
  name,
  width,
  height,
  durations,
  together,
  decode,
}: {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  /** Seconds of each frame. */
  readonly durations: readonly number[];
  /** Frames that are decoded at once. */
  readonly together: number;
  readonly decode: (first: number, count: number) => Promise<Pixels>;
}): AsyncGenerator<Picture, void, undefined> {
  let timestamp = 0;
  for (let first = 0; first < durations.length; first += together) {
    const count = Math.min(together, durations.length - first);
    const decoded = await decode(first, count);
    if (decoded.width !== width || decoded.height !== height * count) {
      throw new MediaError(
        `openVideo: the frames of ${name} must all be ${width}x${height}, but frame ${first} is ${decoded.width}x${decoded.height}.`,
      );
    }
    const size = 3 * width * height;
    for (let index = 0; index < count; index++) {
      const data = decoded.data.slice(index * size, (index + 1) * size);
      const duration = durations[first + index]!;
      yield simplePicture(timestamp, duration, () => ({ width, height, data }));
      timestamp += duration;
    }
  }
}
