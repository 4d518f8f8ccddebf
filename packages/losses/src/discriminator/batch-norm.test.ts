import { noiseClip, scoped, useBackend, useLeakGuard } from '@od-vae/test-utils';
import { moments, ones, reshape, tensor1d, zeros } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

import { batchNorm } from './batch-norm.ts';

useBackend('cpu');
useLeakGuard();

describe('batchNorm', () => {
  it(
    'gives every channel mean 0 and variance 1 over samples, frames and pixels, then its scale and bias',
    scoped(() => {
      const x = noiseClip('x', [2, 3, 4, 4, 2]);
      const plain = batchNorm({ scale: ones([2]), bias: zeros([2]) }, x);
      const { mean, variance } = moments(reshape(plain, [96, 2]), 0);
      for (const value of mean.dataSync()) expect(value).toBeCloseTo(0, 5);
      for (const value of variance.dataSync()) expect(value).toBeCloseTo(1, 4);
      const scaled = batchNorm({ scale: tensor1d([2, 3]), bias: tensor1d([5, 7]) }, x).dataSync();
      plain.dataSync().forEach((value, index) => {
        expect(scaled[index]).toBeCloseTo(value * (2 + (index % 2)) + 5 + 2 * (index % 2), 4);
      });
    }),
  );

  it(
    'reports the mean and the variance of the sample',
    scoped(() => {
      let seen: number[][] = [];
      const x = reshape(tensor1d([1, 2, 3, 6]), [1, 1, 2, 2, 1]);
      batchNorm({ scale: ones([1]), bias: zeros([1]) }, x as Parameters<typeof batchNorm>[1], (statistics) => {
        seen = [[...statistics.mean.dataSync()], [...statistics.variance.dataSync()]];
      });
      expect(seen[0]).toEqual([3]);
      expect(seen[1]![0]).toBeCloseTo(14 / 3, 5);
    }),
  );
});
