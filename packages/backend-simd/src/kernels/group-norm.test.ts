import '@od-vae/layers';
import { largestDifference, useBackend, useLeakGuard } from '@od-vae/test-utils';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { useAllBackends } from '../../fixtures/backends.ts';
import { noise, referenceOn, runOn, type Values } from '../../fixtures/values.ts';
import { SimdBackend } from '../simd-backend.ts';
import { causalConv3d } from './causal-conv3d.ts';
import { groupNorm, groupNormSilu } from './group-norm.ts';

useBackend('cpu');
useLeakGuard();
const expectReference = useAllBackends();

const clips = fc.record({
  batch: fc.integer({ min: 1, max: 2 }),
  size: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 5 }), fc.integer({ min: 2, max: 5 })),
  groups: fc.constantFrom(1, 2, 3, 4, 32),
  perGroup: fc.constantFrom(1, 2, 3, 4),
});

describe.each([groupNorm, groupNormSilu])('$kernelName', (kernel) => {
  it('computes its reference for any shape and number of groups', () => {
    fc.assert(
      fc.property(clips, ({ batch, size, groups, perGroup }) => {
        const channels = groups * perGroup;
        const inputs = {
          x: noise('x', [batch, ...size, channels]),
          scale: noise('scale', [channels]),
          bias: noise('bias', [channels]),
        };
        // Two numbers that are nearly alike are divided by their difference: rounding grows with it.
        expectReference(kernel, inputs, { groups, epsilon: 1e-3 }, 1e-4);
      }),
      { numRuns: 40 },
    );
  });

  it('takes a clip of several chunks', () => {
    const inputs = { x: noise('x', [2, 3, 41, 43, 24]), scale: noise('scale', [24]), bias: noise('bias', [24]) };
    expectReference(kernel, inputs, { groups: 8, epsilon: 1e-6 }, 1e-5);
  });
});

describe('GroupNorm', () => {
  it('keeps a small variance beside a large mean', () => {
    const backend = new SimdBackend({ threads: 1 });
    const values = Float32Array.from({ length: 4096 }, (_, index) => 1000 + (index % 2));
    const ones = { shape: [1], values: Float32Array.of(1) };
    const inputs = {
      x: { shape: [1, 1, 64, 64, 1], values },
      scale: ones,
      bias: { shape: [1], values: Float32Array.of(0) },
    };
    const [normed] = runOn(backend, groupNorm, inputs, { groups: 1, epsilon: 0 });
    const expected = values.map((_, index) => (index % 2 === 0 ? -1 : 1));
    expect(largestDifference(normed!.values, expected)).toBeLessThan(2e-4);
  });
});

describe('GroupNormSilu', () => {
  it.each(['plain', 'relaxed'] as const)('follows y / (1 + e^-y) to its ends, %s', (level) => {
    const backend = new SimdBackend({ threads: 1, level });
    const values = Float32Array.from({ length: 4001 }, (_, index) => (index - 2000) / 10);
    const inputs = {
      x: { shape: [1, 1, 1, values.length, 1], values },
      // A gain of the deviation undoes the norm.
      scale: { shape: [1], values: Float32Array.of(Math.sqrt(mean(values.map((x) => x * x)))) },
      bias: { shape: [1], values: Float32Array.of(0) },
    };
    const [result] = runOn(backend, groupNormSilu, inputs, { groups: 1, epsilon: 0 });
    const expected = values.map((x) => x / (1 + Math.exp(-x)));
    const errors = result!.values.map(
      (y, index) => Math.abs(y - expected[index]!) / Math.max(1, Math.abs(values[index]!)),
    );
    expect(Math.max(...errors)).toBeLessThan(1e-6);
  });
});

function mean(values: Float32Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

describe('a norm before a convolution', () => {
  const backends = (['exact', 'fast'] as const).map((precision) => new SimdBackend({ threads: 1, precision }));

  it.each([
    ['of one clip', [1, 3, 9, 7, 16], [1, 3, 9, 7, 16], [3, 3, 3, 16, 8]],
    ['of each frame alone', [6, 1, 5, 6, 16], [6, 1, 5, 6, 16], [1, 3, 3, 16, 8]],
    ['of each frame, before a clip is made of them', [6, 1, 5, 6, 16], [2, 3, 5, 6, 16], [3, 3, 3, 16, 8]],
    ['of channels that fill no vector', [1, 2, 5, 6, 6], [1, 2, 5, 6, 6], [1, 3, 3, 6, 8]],
  ])('%s gives what the two give apart, and is never there', (_, shape, clip, weight) => {
    const [x, scale, bias] = [noise('x', shape), noise('scale', [shape[4]!]), noise('bias', [shape[4]!])];
    const kernel = noise('weight', weight);
    const added = noise('added', [weight[4]!]);
    const attrs = { groups: 2, epsilon: 1e-6 };
    const [normed] = referenceOn('GroupNormSilu', { x, scale, bias }, attrs);
    const options = { strides: [1, 1, 1], border: 'around' };
    const [expected] = referenceOn(
      'CausalConv3D',
      { x: { ...normed!, shape: clip }, weight: kernel, bias: added },
      options,
    );
    for (const backend of backends) {
      const info = ({ shape: s, values }: Values) => backend.makeTensorInfo(s, 'float32', values.slice());
      const inputs = { x: info(x), scale: info(scale), bias: info(bias) };
      const hidden = groupNormSilu.kernelFunc({ inputs, attrs: attrs as never, backend }) as TensorInfo;
      backend.disposeData(inputs.x.dataId);
      const convolution = { x: { ...hidden, shape: clip }, weight: info(kernel), bias: info(added) };
      const y = causalConv3d.kernelFunc({ inputs: convolution, attrs: options as never, backend }) as TensorInfo;
      expect(largestDifference(backend.sharedValues(y), expected!.values), backend.precision).toBeLessThan(1e-4);
      backend.disposeData(hidden.dataId);
      expect(backend.data.has(inputs.x.dataId)).toBe(false);
      backend.disposeData(y.dataId);
    }
  });

  it('is computed when somebody reads it', () => {
    const [backend] = backends;
    const values = Float32Array.of(1, 2, 3, 4);
    const one = backend!.makeTensorInfo([4], 'float32', Float32Array.of(1, 1, 1, 1));
    const x = backend!.makeTensorInfo([1, 1, 1, 1, 4], 'float32', values);
    const inputs = { x, scale: one, bias: backend!.makeTensorInfo([4], 'float32', new Float32Array(4)) };
    const y = groupNorm.kernelFunc({
      inputs,
      attrs: { groups: 1, epsilon: 0 } as never,
      backend: backend!,
    }) as TensorInfo;
    backend!.disposeData(x.dataId);
    const expected = [-3, -1, 1, 3].map((value) => value / Math.sqrt(5));
    expect(largestDifference(backend!.readSync(y.dataId) as Float32Array, Float32Array.from(expected))).toBeLessThan(
      1e-6,
    );
    expect(backend!.data.has(x.dataId)).toBe(false);
    backend!.disposeData(y.dataId);
  });
});
