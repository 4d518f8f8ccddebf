import { tensor5d, type Tensor5D } from '@tensorflow/tfjs-core';

import type { GoldenArray } from './golden.ts';

/** A PyTorch clip `[batch, channels, time, height, width]` as the project's `[batch, time, height, width, channels]`. */
export function channelsLast({ shape, data }: GoldenArray): Tensor5D {
  const [batch, channels, time, height, width] = shape as [number, number, number, number, number];
  const area = time * height * width;
  const values = new Float32Array(data.length);
  for (let b = 0; b < batch; b++) {
    for (let c = 0; c < channels; c++) {
      const from = (b * channels + c) * area;
      const to = b * channels * area + c;
      for (let i = 0; i < area; i++) values[to + i * channels] = data[from + i]!;
    }
  }
  return tensor5d(values, [batch, time, height, width, channels]);
}

/** Values of a clip `[batch, time, height, width, channels]` in PyTorch's order. */
export function channelsFirst(values: Float32Array, shape: readonly number[]): GoldenArray {
  const [batch, time, height, width, channels] = shape as [number, number, number, number, number];
  const area = time * height * width;
  const data = new Float32Array(values.length);
  for (let b = 0; b < batch; b++) {
    for (let c = 0; c < channels; c++) {
      const to = (b * channels + c) * area;
      const from = b * channels * area + c;
      for (let i = 0; i < area; i++) data[to + i] = values[from + i * channels]!;
    }
  }
  return { shape: [batch, channels, time, height, width], data };
}

/** Largest absolute difference of two arrays; infinite when their lengths differ or a value is not a number. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(a[i]! - b[i]!);
    if (!(difference <= largest)) largest = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
  }
  return largest;
}
