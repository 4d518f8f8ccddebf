import { openVideo, type ReadOptions, type VideoInfo, type VideoSource } from '@od-vae/video';

import { SilentError } from './target.ts';

/** Frames that are read of one input; what follows them is left unread. */
const MAX_FRAMES = 40;

/** A video as `openVideo` gives it. */
export interface ReadVideo {
  readonly info: VideoInfo;
  readonly frames: readonly { readonly data: Uint8Array; readonly timestamp: number }[];
  /** The file has more frames than were read. */
  readonly more: boolean;
}

/**
 * All frames of a video.
 *
 * @throws SilentError when the reader contradicts itself: in size, count, rate or times
 */
export async function readFrames(
  source: VideoSource,
  mostPixels = Infinity,
  options: ReadOptions = {},
): Promise<ReadVideo> {
  await using reader = await openVideo(source, options);
  const { info, width, height, fps, frameCount } = reader;
  if (!(fps > 0 && Number.isFinite(fps))) throw new SilentError(`the rate is ${fps}`);
  const frames: { data: Uint8Array; timestamp: number }[] = [];
  let last = -Infinity;
  let more = false;
  for await (const { data, timestamp, ...size } of reader.frames()) {
    if (size.width !== width || size.height !== height || data.length !== width * height * 3) {
      throw new SilentError(`a frame is ${size.width}x${size.height}, but ${width}x${height} was said`);
    }
    if (!(timestamp >= last)) throw new SilentError(`a frame is shown at ${timestamp}, after one at ${last}`);
    last = timestamp;
    frames.push({ data, timestamp });
    more = frames.length === MAX_FRAMES || frames.length * width * height > mostPixels;
    if (more) break;
  }
  if (!more) checkCount(frameCount, frames.length);
  return { info, frames, more };
}

function checkCount(declared: number | undefined, count: number): void {
  if (declared !== undefined && declared !== count) {
    throw new SilentError(`${declared} frames were said, but ${count} came`);
  }
}
