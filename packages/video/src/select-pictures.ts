import type { Picture } from './picture.ts';

/** Output frames by which a tie may be missed and still go to the earlier picture. */
const TIE_SLACK = 1e-3;

/** Output frames by which a duration may be too long: Matroska rounds every time to a millisecond. */
const END_SLACK = 0.1;

/**
 * Resamples pictures in time: the picture for `first + n / fps` is the one shown nearest to it, the earlier on a tie.
 *
 * A picture may come several times; it is released once, after the last. `timestamp` is the new one.
 */
export async function* resamplePictures(
  pictures: AsyncIterable<Picture>,
  fps: number,
  sourceFps: number,
): AsyncGenerator<Picture, void, undefined> {
  let current: Picture | undefined;
  let first = 0;
  let count = 0;
  try {
    for await (const next of pictures) {
      if (!current) {
        first = next.timestamp;
      } else {
        const until = (current.timestamp + next.timestamp) / 2 - first;
        for (; count / fps <= until + TIE_SLACK / fps; count += 1) {
          yield again(current, first + count / fps);
        }
        current.release();
      }
      current = next;
    }
    if (current) {
      const end = current.timestamp + (current.duration || 1 / sourceFps) - first;
      for (; count < resampledCount(end, fps); count += 1) {
        yield again(current, first + count / fps);
      }
    }
  } finally {
    current?.release();
  }
}

/** How many frames `resamplePictures` makes of a video of this many seconds; at least one. */
export function resampledCount(duration: number, fps: number): number {
  return Math.max(1, Math.ceil(duration * fps - END_SLACK));
}

/** Drops `start` pictures, then gives at most `count`, and stops reading there. */
export async function* takePictures(
  pictures: AsyncIterable<Picture>,
  start: number,
  count: number,
): AsyncGenerator<Picture, void, undefined> {
  let index = 0;
  for await (const picture of pictures) {
    if (index < start) {
      picture.release();
    } else {
      yield picture;
    }
    index += 1;
    if (index - start >= count) {
      return;
    }
  }
}

function again(picture: Picture, timestamp: number): Picture {
  return {
    timestamp,
    duration: undefined,
    pixels: () => picture.pixels(),
    release: () => undefined,
  };
}
