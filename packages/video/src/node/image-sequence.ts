import { MediaError } from '@od-vae/core/base';
import { readWhole } from '../byte-source.ts';
import { findAnimation } from '../find-animation.ts';
import { type ImageCodec, loadImageCodec } from '../image-codec.ts';
import { IMAGE_FPS } from '../image-reader.ts';
import { type Picture, type PictureSource, simplePicture } from '../picture.ts';
import type { ImageList } from './list-images.ts';
import { openFileBytes } from './open-file-bytes.ts';

/** Opens images of one size as a video of `fps` frames per second. */
export async function openSequence({ paths, notes }: ImageList, fps = IMAGE_FPS): Promise<PictureSource> {
  const codec = await loadImageCodec();
  const first = await decodeFile(paths[0]!, codec);
  return {
    info: {
      width: first.width,
      height: first.height,
      fps,
      frameCount: paths.length,
      duration: paths.length / fps,
      codec: first.format,
      container: 'images',
      rotation: 0,
      colour: { matrix: 'rgb', range: 'full' },
      notes,
    },
    pictures: () => readImages(paths, fps, codec, first),
    close: async () => undefined,
  };
}

async function* readImages(
  paths: readonly string[],
  fps: number,
  codec: ImageCodec,
  { width, height }: { readonly width: number; readonly height: number },
): AsyncGenerator<Picture, void, undefined> {
  for (const [index, path] of paths.entries()) {
    yield simplePicture(index / fps, 1 / fps, async () => {
      const pixels = await decodeFile(path, codec);
      if (pixels.width !== width || pixels.height !== height) {
        throw new MediaError(
          `openVideo: "${path}" is ${pixels.width}x${pixels.height}, but the first image is ${width}x${height}.`,
        );
      }
      return pixels;
    });
  }
}

async function decodeFile(path: string, codec: ImageCodec) {
  const bytes = await openFileBytes(path);
  try {
    if (await findAnimation(bytes)) {
      throw new MediaError(
        `openVideo: an image of a sequence must have one frame, but ${bytes.name} has several; open that file as the video.`,
      );
    }
    return await codec.decode(await readWhole(bytes), bytes.name);
  } finally {
    await bytes.close();
  }
}
