import '@tensorflow/tfjs-layers';
import { ShapeError } from '@od-vae/core';
import { noiseClip, scoped, useBackend, useLeakGuard } from '@od-vae/test-utils';
import { grad, memory, mul, sum, type Tensor, tensor5d, type Tensor5D, zeros } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

import { klDivergence, sampleLatents } from './kl.ts';

useBackend('cpu');
useLeakGuard();

const SHAPE: Tensor5D['shape'] = [2, 3, 2, 2, 8];

describe('klDivergence', () => {
  it(
    'is zero for the standard normal, and the formula for anything else',
    scoped(() => {
      expect(klDivergence(zeros(SHAPE) as Tensor5D).dataSync()[0]).toBe(0);
      const one = tensor5d([0.5, -1], [1, 1, 1, 1, 2]);
      expect(klDivergence(one).dataSync()[0]).toBeCloseTo(0.5 * (0.25 + Math.exp(-1) - 1 + 1), 6);
    }),
  );

  it(
    'divides the sum by videos unless it is told to divide by frames or values',
    scoped(() => {
      const moments = noiseClip('moments', SHAPE);
      const [video, frame, element] = (['video', 'frame', 'element'] as const).map(
        (per) => klDivergence(moments, { per }).dataSync()[0]!,
      );
      expect(klDivergence(moments).dataSync()[0]).toBe(video);
      expect(frame! * 3).toBeCloseTo(video!, 4);
      expect(element! * 3 * 16).toBeCloseTo(video!, 4);
    }),
  );

  it(
    'has the mean and half of variance - 1 as gradients, and none beyond the clamp',
    scoped(() => {
      const moments = tensor5d([0.5, 0.25, 2, -40], [1, 1, 1, 1, 4]);
      const gradient = grad((x: Tensor) => klDivergence(x as Tensor5D))(moments).dataSync();
      expect(gradient[0]).toBeCloseTo(0.5, 6);
      expect(gradient[1]).toBeCloseTo(0.25, 6);
      expect(gradient[2]).toBeCloseTo((Math.exp(2) - 1) / 2, 4);
      expect(gradient[3]).toBe(0);
    }),
  );

  it('refuses an odd number of channels and leaves nothing behind', () => {
    const moments = noiseClip('odd', [1, 1, 2, 2, 3]);
    const before = memory().numTensors;
    expect(() => klDivergence(moments)).toThrow(
      new ShapeError('klDivergence: moments need an even number of channels, but are [1,1,2,2,3].'),
    );
    expect(memory().numTensors).toBe(before);
    moments.dispose();
  });
});

describe('sampleLatents', () => {
  it(
    'adds noise in the width of the posterior to its mean, with gradients to both',
    scoped(() => {
      const moments = tensor5d([1, 2, 0, Math.log(4)], [1, 1, 1, 1, 4]);
      const noise = tensor5d([3, -1], [1, 1, 1, 1, 2]);
      const latents = sampleLatents(moments, noise).dataSync();
      expect(latents[0]).toBeCloseTo(4, 5);
      expect(latents[1]).toBeCloseTo(0, 5);
      const gradient = grad((x: Tensor) => sum(mul(sampleLatents(x as Tensor5D, noise), 1)))(moments).dataSync();
      expect([...gradient].map((value) => Number(value.toFixed(5)))).toEqual([1, 1, 1.5, -1]);
    }),
  );

  it(
    'refuses noise of another size',
    scoped(() => {
      const sample = () => sampleLatents(noiseClip('m', SHAPE), noiseClip('n', [1, 1, 1, 1, 4]));
      expect(sample).toThrow('sampleLatents: the noise needs 96 values, but is [1,1,1,1,4].');
    }),
  );
});
