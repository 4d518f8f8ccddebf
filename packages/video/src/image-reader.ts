import { type ByteSource, readWhole } from './byte-source.ts';
import { findAnimation } from './find-animation.ts';
import { loadImageCodec } from './image-codec.ts';
import type { MediaEngines } from './media-engines.ts';
import { type PictureSource, simplePicture } from './picture.ts';

/** Frames a second of images, which have no rate of their own. */
export const IMAGE_FPS = 25;

/** Opens a still image as a video of one frame, and an animated one with all its frames. */
export async function openImage(
  bytes: ByteSource,
  engines: MediaEngines,
  fps: number | undefined,
): Promise<PictureSource> {
  const animation = await findAnimation(bytes);
  if (animation) {
    const { openAnimation } = await import('./animation-reader.ts');
    return openAnimation(animation, bytes, engines, fps);
  }
  const codec = await loadImageCodec();
  const pixels = await codec.decode(await readWhole(bytes), bytes.name);
  return {
    info: {
      width: pixels.width,
      height: pixels.height,
      fps: IMAGE_FPS,
      frameCount: 1,
      duration: 1 / IMAGE_FPS,
      codec: pixels.format,
      container: 'image',
      rotation: 0,
      colour: { matrix: 'rgb', range: 'full' },
    },
    pictures: async function* picture() {
      yield simplePicture(0, 1 / IMAGE_FPS, () => pixels);
    },
    close: () => bytes.close(),
  };
}
