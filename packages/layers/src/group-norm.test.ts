import '@tensorflow/tfjs-layers';
import { disposeParams, initParams, ShapeError, sliceFrames } from '@od-vae/core';
import { largestDifference, noiseClip, onBackend, scoped, useBackend, useLeakGuard } from '@od-vae/test-utils';
import {
  add,
  grads,
  mul,
  ones,
  type Tensor,
  tensor1d,
  type Tensor1D,
  type Tensor5D,
  zeros,
} from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

import { finiteDifferences } from '../fixtures/finite-differences.ts';
import { leftBehind } from '../fixtures/left-behind.ts';
import { groupNorm, type GroupNormParams, groupNormSilu, groupNormSpec } from './group-norm.ts';
import { perFrame } from './per-frame.ts';

useBackend('cpu');
useLeakGuard();

/** Means and variances of some hundred float32 numbers. */
const FLOAT32 = 1e-5;

const plain = (channels: number): GroupNormParams => ({ scale: ones([channels]), bias: zeros([channels]) });

/** Mean and variance of the values of one group of one sample. */
function statistics(x: Tensor5D, sample: number, group: number, groups: number): { mean: number; variance: number } {
  const [batch, , , , channels] = x.shape;
  const values = [...x.dataSync()].filter(
    (_, index) =>
      Math.floor(index / (x.size / batch)) === sample && Math.floor((index % channels) / (channels / groups)) === group,
  );
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { mean, variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length };
}

/** A clip of noise that is neither centred nor of unit variance, and differs from frame to frame. */
function unevenClip(): Tensor5D {
  return add(mul(noiseClip('x', [2, 3, 4, 4, 8]), 3), noiseClip('offset', [2, 3, 1, 1, 8]));
}

describe('groupNorm', () => {
  it(
    'gives each group of each sample mean 0 and variance 1',
    scoped(() => {
      const y = groupNorm(plain(8), unevenClip(), { groups: 4 });
      for (const sample of [0, 1]) {
        for (const group of [0, 1, 2, 3]) {
          const { mean, variance } = statistics(y, sample, group, 4);
          expect(Math.abs(mean)).toBeLessThan(FLOAT32);
          expect(Math.abs(variance - 1)).toBeLessThan(FLOAT32);
        }
      }
    }),
  );

  it(
    'takes its statistics over the clip, not frame by frame',
    scoped(() => {
      const clip = unevenClip();
      const frames = perFrame((x) => groupNorm(plain(8), x, { groups: 4 }))(clip);
      for (const frame of [0, 1, 2]) {
        const { mean, variance } = statistics(sliceFrames(frames, frame, frame + 1), 0, 0, 4);
        expect(Math.abs(mean)).toBeLessThan(FLOAT32);
        expect(Math.abs(variance - 1)).toBeLessThan(FLOAT32);
      }
      const whole = groupNorm(plain(8), clip, { groups: 4 });
      expect(Math.abs(statistics(sliceFrames(whole, 0, 1), 0, 0, 4).mean)).toBeGreaterThan(0.01);
      const first = groupNorm(plain(8), sliceFrames(clip, 0, 1), { groups: 4 });
      expect(largestDifference(sliceFrames(frames, 0, 1).dataSync(), first.dataSync())).toBeLessThan(FLOAT32);
    }),
  );

  it(
    'scales and shifts each channel',
    scoped(() => {
      const clip = unevenClip();
      const [scale, bias] = [noiseClip('scale', [1, 1, 1, 1, 8]), noiseClip('bias', [1, 1, 1, 1, 8])];
      const params = { scale: tensor1d(scale.dataSync()), bias: tensor1d(bias.dataSync()) };
      const expected = add(mul(groupNorm(plain(8), clip, { groups: 2 }), scale), bias);
      expect(largestDifference(groupNorm(params, clip, { groups: 2 }).dataSync(), expected.dataSync())).toBeLessThan(
        FLOAT32,
      );
    }),
  );

  it(
    'has 32 groups unless told otherwise',
    scoped(() => {
      const x = noiseClip('x', [1, 1, 2, 2, 64]);
      const y = groupNorm(plain(64), x);
      expect(y.dataSync()).toEqual(groupNorm(plain(64), x, { groups: 32 }).dataSync());
      expect(y.dataSync()).not.toEqual(groupNorm(plain(64), x, { groups: 16 }).dataSync());
    }),
  );

  it(
    'gives the bias where nothing varies, instead of dividing by zero',
    scoped(() => {
      const y = groupNorm({ scale: ones([2]), bias: tensor1d([5, 6]) }, ones([1, 1, 2, 1, 2]), { groups: 2 });
      expect([...y.dataSync()]).toEqual([5, 6, 5, 6]);
    }),
  );

  it.each([
    ['groupNorm', groupNorm],
    ['groupNormSilu', groupNormSilu],
  ])('has the gradients that finite differences measure (%s)', (_, norm) => {
    scoped(() => {
      const inputs = [noiseClip('x', [1, 2, 2, 2, 4]), tensor1d([1, 0.5, -1, 2]), tensor1d([0, 0.1, 0.2, 0.3])];
      const run = (x: Tensor, scale: Tensor, bias: Tensor) =>
        norm({ scale: scale as Tensor1D, bias: bias as Tensor1D }, x as Tensor5D, { groups: 2 });
      const outward = noiseClip('dy', [1, 2, 2, 2, 4]);
      const gradients = grads(run)(inputs, outward);
      for (const [index, gradient] of gradients.entries()) {
        const slopes = finiteDifferences((at) => run(at[0]!, at[1]!, at[2]!), inputs, index, { outward, step: 0.01 });
        // A step of 0.01 leaves its square as error.
        expect(largestDifference(gradient.dataSync(), slopes)).toBeLessThan(2e-3);
      }
    })();
  });

  it('agrees on the wasm backend', async () => {
    const run = () => {
      let values: Float32Array | undefined;
      scoped(() => {
        values = Float32Array.from(groupNormSilu(plain(8), unevenClip(), { groups: 4 }).dataSync());
      })();
      return values!;
    };
    expect(largestDifference(await onBackend('wasm', run), run())).toBeLessThan(FLOAT32);
  });

  it.each([
    ['groupNorm', groupNorm],
    ['groupNormSilu', groupNormSilu],
  ])('refuses channels that do not divide into the groups (%s)', (name, norm) => {
    scoped(() => {
      expect(() => norm(plain(6), noiseClip('x', [1, 1, 2, 2, 6]), { groups: 4 })).toThrow(
        new ShapeError(`${name}: channels must be divisible by 4 groups, but x is [1,1,2,2,6].`),
      );
    })();
  });

  it(
    'leaves nothing behind but its output',
    scoped(() => {
      const params = plain(8);
      const x = unevenClip();
      expect(leftBehind(() => groupNorm(params, x, { groups: 4 }))).toBe(0);
      expect(leftBehind(() => groupNormSilu(params, x, { groups: 4 }))).toBe(0);
    }),
  );
});

describe('groupNormSilu', () => {
  it(
    'multiplies the norm with its own sigmoid',
    scoped(() => {
      const x = unevenClip();
      const normed = groupNorm(plain(8), x, { groups: 4 }).dataSync<'float32'>();
      const expected = normed.map((value) => value / (1 + Math.exp(-value)));
      expect(largestDifference(groupNormSilu(plain(8), x, { groups: 4 }).dataSync(), expected)).toBeLessThan(FLOAT32);
    }),
  );
});

describe('groupNormSpec', () => {
  it('starts as the identity: scale 1, bias 0', () => {
    const params = initParams(groupNormSpec(2));
    expect([...params.scale.dataSync(), ...params.bias.dataSync()]).toEqual([1, 1, 0, 0]);
    disposeParams(params);
  });
});
