import type { GoldenFile } from '@od-vae/test-utils';
import { type Tensor, tensor4d, type Tensor4D, tidy, transpose } from '@tensorflow/tfjs-core';

/** PyTorch's frames `[count, channels, height, width]` with their channels last. */
export function goldenFrames(values: Float32Array, shape: readonly number[]): Tensor4D {
  return tidy(() => transpose(tensor4d(values, shape as Tensor4D['shape']), [0, 2, 3, 1]));
}

/** Largest difference to the golden array of this name, in parts of its largest value; values must be in its order. */
export async function relativeError(actual: Tensor, file: GoldenFile, name: string): Promise<number> {
  return relativeDifference((await actual.data()) as Float32Array, arrayOf(file, name));
}

/** Largest difference of two arrays in parts of the largest expected value; infinite when their lengths differ. */
export function relativeDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let [difference, scale] = [0, 0];
  for (let index = 0; index < expected.length; index++) {
    const error = Math.abs(actual[index]! - expected[index]!);
    if (Number.isNaN(error)) return Number.POSITIVE_INFINITY;
    difference = Math.max(difference, error);
    scale = Math.max(scale, Math.abs(expected[index]!));
  }
  return difference / (scale || 1);
}

/** Length of the difference of two arrays in parts of the expected one's; infinite when their lengths differ. */
export function relativeLength(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let [difference, length] = [0, 0];
  for (let index = 0; index < expected.length; index++) {
    difference += (actual[index]! - expected[index]!) ** 2;
    length += expected[index]! ** 2;
  }
  return Number.isNaN(difference) ? Number.POSITIVE_INFINITY : Math.sqrt(difference / (length || 1));
}

/** The values of the golden array of this name. */
export function arrayOf(file: GoldenFile, name: string): Float32Array {
  const array = file.tensors.get(name);
  if (!array) throw new Error(`the golden file has no "${name}"`);
  return array.data;
}
