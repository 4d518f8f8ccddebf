import { MediaError } from '@od-vae/core/base';
import { checkSize } from './limits.ts';
import { type Picture, type PictureSource, simplePicture } from './picture.ts';
import type { Frame } from './types.ts';

/** Rate of frames whose timestamps tell none. */
const FALLBACK_FPS = 25;

/** Frames that somebody makes as a source: of one size, at the rate of the first two timestamps. */
export async function framesSource(frames: AsyncGenerator<Frame, void, undefined>): Promise<PictureSource> {
  const ahead = [await frames.next(), await frames.next()].flatMap((next) => (next.done ? [] : [next.value]));
  const [first, second] = ahead as [Frame, Frame?];
  checkFrame(first, first, 0);
  const step = second ? second.timestamp - first.timestamp : 0;
  let isRead = false;
  return {
    info: {
      width: first.width,
      height: first.height,
      fps: step > 0 && Number.isFinite(step) ? Number((1 / step).toFixed(6)) : FALLBACK_FPS,
      frameCount: undefined,
      duration: undefined,
      codec: 'rawvideo',
      container: 'frames',
      rotation: 0,
      colour: { matrix: 'rgb', range: 'full' },
    },
    async *pictures() {
      if (isRead) throw new MediaError('openVideo: a stream of frames can be read once.');
      isRead = true;
      let index = 0;
      for (const frame of ahead) yield pictureOf(frame, first, index++);
      for await (const frame of frames) yield pictureOf(frame, first, index++);
    },
    close: async () => {
      await frames.return();
    },
  };
}

function pictureOf(frame: Frame, first: Frame, index: number): Picture {
  checkFrame(frame, first, index);
  return simplePicture(frame.timestamp, undefined, () => frame);
}

function checkFrame(frame: Frame, { width, height }: Frame, index: number): void {
  if (!(typeof frame === 'object' && frame?.data instanceof Uint8Array && typeof frame.timestamp === 'number')) {
    throw new MediaError(
      `openVideo: a stream must give frames { width, height, data, timestamp } or bytes, but item ${index} is neither.`,
    );
  }
  checkSize('openVideo', width, height);
  if (frame.width !== width || frame.height !== height || frame.data.length !== width * height * 3) {
    throw new MediaError(
      `openVideo: every frame must have ${width}x${height} pixels of 3 bytes, but frame ${index} has ` +
        `${frame.width}x${frame.height} and ${frame.data.length} bytes.`,
    );
  }
}
