import '@tensorflow/tfjs-layers';
import { sliceFrames } from '@od-vae/core';
import { largestDifference, noiseClip, onBackend, scoped, useBackend, useLeakGuard } from '@od-vae/test-utils';
import { grad, tensor1d, tensor5d, type Tensor, type Tensor5D } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

import { finiteDifferences } from '../fixtures/finite-differences.ts';
import { leftBehind } from '../fixtures/left-behind.ts';
import { averageTime, mixClips, upsampleSpace, upsampleTime } from './resample.ts';

useBackend('cpu');
useLeakGuard();

const FLOAT32 = 1e-6;

/** A clip with one value a frame. */
const pulse = (...values: number[]): Tensor5D => tensor5d(values, [1, values.length, 1, 1, 1]);
const numbers = (x: Tensor): number[] => [...x.dataSync()];

describe('upsampleSpace', () => {
  it(
    'trilinear: lays each output a quarter of a pixel beside its input, the ends going on, as PyTorch does',
    scoped(() => {
      const row = upsampleSpace(tensor5d([1, 2, 4], [1, 1, 1, 3, 1]), 'trilinear');
      expect(row.shape).toEqual([1, 1, 2, 6, 1]);
      expect(numbers(row)).toEqual([1, 1.25, 1.75, 2.5, 3.5, 4, 1, 1.25, 1.75, 2.5, 3.5, 4]);
    }),
  );

  it(
    'trilinear: is separable in height and width',
    scoped(() => {
      const y = upsampleSpace(tensor5d([0, 4, 8, 16], [1, 1, 2, 2, 1]), 'trilinear');
      expect(numbers(y)).toEqual([0, 1, 3, 4, 2, 3.25, 5.75, 7, 6, 7.75, 11.25, 13, 8, 10, 14, 16]);
    }),
  );

  it(
    'nearest: repeats every pixel',
    scoped(() => {
      const y = upsampleSpace(tensor5d([1, 2, 3, 4], [1, 1, 2, 2, 1]), 'nearest');
      expect(numbers(y)).toEqual([1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4]);
    }),
  );

  it.each(['trilinear', 'nearest'] as const)('%s: treats channels, frames and samples alike', (mode) => {
    scoped(() => {
      const x = noiseClip('x', [2, 3, 2, 4, 2]);
      const y = upsampleSpace(x, mode);
      expect(y.shape).toEqual([2, 3, 4, 8, 2]);
      const frame = upsampleSpace(sliceFrames(x, 1, 2), mode);
      expect(largestDifference(sliceFrames(y, 1, 2).dataSync(), frame.dataSync())).toBe(0);
      expect(leftBehind(() => upsampleSpace(x, mode))).toBe(0);
    })();
  });

  it.each(['trilinear', 'nearest'] as const)('%s: has the gradient that finite differences measure', (mode) => {
    scoped(() => {
      const x = noiseClip('x', [2, 1, 2, 3, 1]);
      const outward = noiseClip('dy', [2, 1, 4, 6, 1]);
      const gradient = grad((one: Tensor) => upsampleSpace(one as Tensor5D, mode))(x, outward);
      const slopes = finiteDifferences(([one]) => upsampleSpace(one as Tensor5D, mode), [x], 0, { outward, step: 1 });
      expect(largestDifference(gradient.dataSync(), slopes)).toBeLessThan(10 * FLOAT32);
    })();
  });

  it('agrees on the wasm backend', async () => {
    const run = () => {
      const values: number[] = [];
      scoped(() => {
        for (const mode of ['trilinear', 'nearest'] as const) {
          values.push(...numbers(upsampleSpace(upsampleTime(noiseClip('x', [2, 3, 2, 3, 2])), mode)));
        }
      })();
      return values;
    };
    expect(largestDifference(await onBackend('wasm', run), run())).toBeLessThan(FLOAT32);
  });
});

describe('upsampleTime', () => {
  it(
    'keeps the first frame alone and doubles the others linearly',
    scoped(() => {
      expect(numbers(upsampleTime(pulse(9, 1, 2, 4)))).toEqual([9, 1, 1.25, 1.75, 2.5, 3.5, 4]);
    }),
  );

  it.each([
    [1, 1],
    [2, 3],
    [3, 5],
    [5, 9],
  ])('makes %i frames %i', (time, expected) => {
    scoped(() => expect(upsampleTime(noiseClip('x', [2, time, 2, 2, 3])).shape).toEqual([2, expected, 2, 2, 3]))();
  });

  it(
    'leaves an image as it is, in a tensor of its own',
    scoped(() => {
      const image = pulse(3);
      expect(numbers(upsampleTime(image))).toEqual([3]);
      expect(upsampleTime(image)).not.toBe(image);
      const x = noiseClip('x', [1, 4, 2, 2, 1]);
      expect(leftBehind(() => upsampleTime(x))).toBe(0);
    }),
  );
});

describe('averageTime', () => {
  it(
    'averages three frames that end at every second one, the first repeated before the clip',
    scoped(() => {
      const y = numbers(averageTime(pulse(3, 6, 12, 0, 9)));
      expect(largestDifference(y, [3, 7, 7])).toBeLessThan(10 * FLOAT32);
    }),
  );

  it.each([
    [1, 1],
    [2, 1],
    [5, 3],
    [6, 3],
  ])('makes %i frames %i', (time, expected) => {
    scoped(() => {
      const x = noiseClip('x', [2, time, 2, 2, 3]);
      expect(averageTime(x).shape).toEqual([2, expected, 2, 2, 3]);
      expect(leftBehind(() => averageTime(x))).toBe(0);
    })();
  });
});

describe('mixClips', () => {
  it(
    'weighs the first clip with the sigmoid of the factor and the second with the rest',
    scoped(() => {
      const factor = tensor1d([2]);
      const [plain, learned] = [pulse(10, 20), pulse(0, -20)];
      const alpha = 1 / (1 + Math.exp(-2));
      const expected = [10 * alpha, 20 * alpha - 20 * (1 - alpha)];
      expect(largestDifference(numbers(mixClips(factor, plain, learned)), expected)).toBeLessThan(10 * FLOAT32);
      expect(leftBehind(() => mixClips(factor, plain, learned))).toBe(0);
    }),
  );
});
