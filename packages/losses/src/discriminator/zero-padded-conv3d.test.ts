import { largestDifference, noiseClip, scoped, useBackend, useLeakGuard } from '@od-vae/test-utils';
import { add, conv3d, pad, tensor1d } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

import { zeroPaddedConv3d } from './zero-padded-conv3d.ts';

useBackend('cpu');
useLeakGuard();

const FLOAT32 = 1e-5;

describe('zeroPaddedConv3d', () => {
  it.each([
    { kernel: [3, 3, 3], strides: [1, 1, 1], padding: [1, 1, 1] },
    { kernel: [3, 3, 3], strides: [2, 2, 2], padding: [1, 1, 1] },
    { kernel: [3, 3, 3], strides: [1, 2, 2], padding: [1, 1, 1] },
    { kernel: [1, 4, 4], strides: [1, 2, 2], padding: [0, 1, 1] },
  ] as const)('agrees with a convolution of the padded clip: $kernel, strides $strides', (one) => {
    scoped(() => {
      for (const time of [1, 4, 5]) {
        const x = noiseClip('x', [2, time, 8, 6, 3]);
        const weight = noiseClip('weight', [...one.kernel, 3, 4]);
        const bias = tensor1d([1, 2, 3, 4]);
        const borders = [0, ...one.padding, 0].map((size): [number, number] => [size, size]);
        const expected = add(conv3d(pad(x, borders), weight, [...one.strides], 'valid'), bias);
        const actual = zeroPaddedConv3d({ weight, bias }, x, one);
        expect(actual.shape).toEqual(expected.shape);
        expect(largestDifference(actual.dataSync(), expected.dataSync())).toBeLessThan(FLOAT32);
      }
    })();
  });
});
