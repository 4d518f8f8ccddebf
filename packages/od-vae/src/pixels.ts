import type { Frame } from '@od-vae/video';
import { tensor5d, type Tensor5D } from '@tensorflow/tfjs-core';

/** One rebuilt picture: RGB values in [0, 1], row by row. */
export interface RebuiltFrame {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array;
  /** Seconds. */
  readonly timestamp: number;
}

/** A fresh clip `[1, time, height, width, 3]` in [-1, 1] of frames of one size. */
export function clipOfFrames(
  frames: readonly { readonly width: number; readonly height: number; readonly data: ArrayLike<number> }[],
): Tensor5D {
  const { width, height } = frames[0]!;
  const size = width * height * 3;
  const values = new Float32Array(frames.length * size);
  for (const [index, { data }] of frames.entries()) {
    const offset = index * size;
    for (let i = 0; i < size; i++) values[offset + i] = (data[i]! / 255) * 2 - 1;
  }
  return tensor5d(values, [1, frames.length, height, width, 3]);
}

/**
 * The pictures of a clip `[1, time, height, width, 3]` around [-1, 1], cut to [0, 1] and to the first rows and columns;
 * each is made when it is asked for.
 */
export function* picturesOfClip(
  values: Float32Array,
  [, time, height, width]: readonly number[],
  kept: { width: number; height: number },
): Generator<Float32Array, void, undefined> {
  for (let frame = 0; frame < time!; frame++) {
    const picture = new Float32Array(kept.width * kept.height * 3);
    for (let row = 0; row < kept.height; row++) {
      const from = (frame * height! + row) * width! * 3;
      const to = row * kept.width * 3;
      for (let i = 0; i < kept.width * 3; i++) {
        picture[to + i] = Math.min(1, Math.max(0, (values[from + i]! + 1) / 2));
      }
    }
    yield picture;
  }
}

/** The picture as 8-bit RGB, each value rounded to the nearest. */
export function frameOfPicture({ width, height, data, timestamp }: RebuiltFrame): Frame {
  const bytes = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i++) bytes[i] = Math.round(data[i]! * 255);
  return { width, height, timestamp, data: bytes };
}

/** Two frames of one height side by side. */
export function sideBySide(left: Frame, right: Frame): Frame {
  const width = left.width + right.width;
  const data = new Uint8Array(width * left.height * 3);
  for (let row = 0; row < left.height; row++) {
    const part = ({ data: pixels, width: columns }: Frame) =>
      pixels.subarray(row * columns * 3, (row + 1) * columns * 3);
    data.set(part(left), row * width * 3);
    data.set(part(right), (row * width + left.width) * 3);
  }
  return { width, height: left.height, data, timestamp: left.timestamp };
}
