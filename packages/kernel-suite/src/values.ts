import { largestDifference } from '@od-vae/test-utils';
import type { Tensor } from '@tensorflow/tfjs-core';

/** Numbers of a tensor, and their shape. */
export interface Values {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** The numbers of tensors, which are freed. */
export async function valuesOf(tensors: readonly Tensor[]): Promise<Values[]> {
  const all: Values[] = [];
  for (const tensor of tensors) {
    all.push({ shape: tensor.shape, values: Float32Array.from(await tensor.data()) });
    tensor.dispose();
  }
  return all;
}

/**
 * Largest difference of a list of tensors to what it should be, each as a part of the largest number of its own, or of 1 where
 * that is smaller; infinite where shapes differ or something is not a number.
 */
export function largestError(actual: readonly Values[], expected: readonly Values[]): number {
  if (String(actual.map(({ shape }) => `[${shape}]`)) !== String(expected.map(({ shape }) => `[${shape}]`)))
    return Infinity;
  const errors = expected.map(({ values }, index) => {
    const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
    return largestDifference(actual[index]!.values, values) / largest;
  });
  return Math.max(...errors);
}
