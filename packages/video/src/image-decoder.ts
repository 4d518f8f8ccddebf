import { MediaError } from '@od-vae/core/base';
import { type ByteSource, readWhole } from './byte-source.ts';
import { canvasPixels } from './canvas-codec.ts';
import type { Animation } from './find-animation.ts';
import { shownSeconds } from './gif-reader.ts';
import { checkSize } from './limits.ts';
import { type Picture, type PictureSource, simplePicture } from './picture.ts';

/** Opens an animated image with the browser's `ImageDecoder`; its frames are laid over white. */
export async function openWithImageDecoder({ format }: Animation, bytes: ByteSource): Promise<PictureSource> {
  const { name } = bytes;
  const type = `image/${format}`;
  if (typeof ImageDecoder === 'undefined' || !(await ImageDecoder.isTypeSupported(type))) {
    throw new MediaError(
      `openVideo: ${name} is a ${type} of several frames, of which this browser reads only the first.`,
    );
  }
  const decoder = new ImageDecoder({
    data: (await readWhole(bytes)) as BufferSource,
    type,
    colorSpaceConversion: 'default',
  });
  try {
    const { frames, width, height } = await measure(decoder, name);
    const duration = frames.reduce((sum, frame) => sum + frame.duration, 0);
    return {
      info: {
        width,
        height,
        fps: frames.length / duration,
        frameCount: frames.length,
        duration,
        codec: format,
        container: 'image',
        rotation: 0,
        colour: { matrix: 'rgb', range: 'full' },
      },
      pictures: () => readPictures(decoder, frames),
      close: async () => {
        decoder.close();
        await bytes.close();
      },
    };
  } catch (cause) {
    decoder.close();
    throw cause instanceof MediaError
      ? cause
      : new MediaError(`openVideo: ${name} cannot be decoded: ${(cause as Error).message}.`, { cause });
  }
}

/** Times of one frame, in seconds. */
interface FrameTimes {
  readonly timestamp: number;
  readonly duration: number;
}

/** Decodes all frames once for their times, which the decoder does not report otherwise. */
async function measure(decoder: ImageDecoder, name: string) {
  await decoder.tracks.ready;
  await decoder.completed;
  const count = decoder.tracks.selectedTrack?.frameCount ?? 0;
  const frames: FrameTimes[] = [];
  let [width, height, timestamp] = [0, 0, 0];
  for (let index = 0; index < count; index++) {
    const { image } = await decoder.decode({ frameIndex: index });
    [width, height] = [image.displayWidth, image.displayHeight];
    checkSize(`openVideo: ${name}`, width, height);
    const duration = shownSeconds((image.duration ?? 0) / 1000);
    image.close();
    frames.push({ timestamp, duration });
    timestamp += duration;
  }
  if (count === 0) throw new MediaError(`openVideo: ${name} has no frame that can be read.`);
  return { frames, width, height };
}

async function* readPictures(
  decoder: ImageDecoder,
  frames: readonly FrameTimes[],
): AsyncGenerator<Picture, void, undefined> {
  for (const [frameIndex, { timestamp, duration }] of frames.entries()) {
    const { image } = await decoder.decode({ frameIndex });
    const pixels = canvasPixels(image, image.displayWidth, image.displayHeight);
    image.close();
    yield simplePicture(timestamp, duration, () => pixels);
  }
}
