import { useBackend } from '@od-vae/test-utils';
import { tensor5d, type Tensor5D } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

import { errorBetweenKinks } from './kinks.ts';

useBackend('cpu');

const TOLERANCE = 1e-4;
const EXPECTED = Float32Array.of(1, 0, 0, 1);

/** Returns a function that computes the slope of `scale * relu(x)`. */
function slopeOfRelu(scale: number) {
  return async (point: Tensor5D): Promise<Float32Array> =>
    Float32Array.from(await point.data(), (value) => (value > 0 ? scale : 0));
}

/** Compares the slope at `[1, -1, third, 2]` with {@link EXPECTED}, which is right for a third value below 0. */
async function errorAt(third: number, gradientAt: (point: Tensor5D) => Promise<Float32Array>): Promise<number> {
  const point = tensor5d([1, -1, third, 2], [1, 1, 1, 1, 4]);
  const error = await errorBetweenKinks(gradientAt, point, EXPECTED, TOLERANCE);
  point.dispose();
  return error;
}

describe('errorBetweenKinks', () => {
  it('accepts either side of a kink that rounding decides', async () => {
    expect(await errorAt(1e-7, slopeOfRelu(1))).toBe(0);
  });

  it('reports an error that is no kink', async () => {
    expect(await errorAt(1e-7, slopeOfRelu(1.001))).toBeCloseTo(1e-3, 5);
    expect(await errorAt(1e-3, slopeOfRelu(1))).toBe(1);
    expect(await errorAt(1e-7, async () => Float32Array.of(Number.NaN, 0, 1, 1))).toBe(Infinity);
  });
});
