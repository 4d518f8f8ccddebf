import { MediaError } from '@od-vae/core/base';
import { openVideo } from '@od-vae/video';

/** A video whose frames can be had by index. */
export interface DecodedVideo {
  readonly width: number;
  readonly height: number;
  readonly frameCount: number;
  /** RGB bytes of the frames with these indices, which rise, one behind the other. */
  frames(indices: readonly number[]): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** A video that is decoded from its file whenever frames are asked for; `shortSide` resizes. */
export async function openDecoded(path: string, shortSide: number | undefined): Promise<DecodedVideo> {
  const { width, height, frameCount } = await measure(path, shortSide);
  return {
    width,
    height,
    frameCount,
    frames: async (indices) => {
      const [first, last] = [indices[0]!, indices.at(-1)!];
      const data = new Uint8Array(indices.length * width * height * 3);
      const reader = await openVideo(path, { start: first, frames: last - first + 1, shortSide });
      try {
        let [index, filled] = [first, 0];
        for await (const frame of reader.frames()) {
          for (; indices[filled] === index; filled++) data.set(frame.data, filled * frame.data.length);
          index += 1;
        }
        if (filled < indices.length) {
          throw new MediaError(`"${path}" needs ${last + 1} frames for a clip, but only ${index} can be read.`);
        }
      } finally {
        await reader.close();
      }
      return data;
    },
    close: async () => {},
  };
}

async function measure(path: string, shortSide: number | undefined) {
  const reader = await openVideo(path, { shortSide });
  try {
    const { width, height, frameCount } = reader;
    if (frameCount === undefined) throw new MediaError(`"${path}" does not say how many frames it has.`);
    return { width, height, frameCount };
  } finally {
    await reader.close();
  }
}
