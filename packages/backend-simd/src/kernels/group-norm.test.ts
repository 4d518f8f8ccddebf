import '@od-vae/layers';
import { largestDifference, useBackend, useLeakGuard } from '@od-vae/test-utils';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { useAllBackends } from '../../fixtures/backends.ts';
import { noise, runOn } from '../../fixtures/values.ts';
import { SimdBackend } from '../simd-backend.ts';
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
    const normed = runOn(backend, groupNorm, inputs, { groups: 1, epsilon: 0 });
    const expected = values.map((_, index) => (index % 2 === 0 ? -1 : 1));
    expect(largestDifference(normed.values, expected)).toBeLessThan(2e-4);
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
    const result = runOn(backend, groupNormSilu, inputs, { groups: 1, epsilon: 0 });
    const expected = values.map((x) => x / (1 + Math.exp(-x)));
    const errors = result.values.map(
      (y, index) => Math.abs(y - expected[index]!) / Math.max(1, Math.abs(values[index]!)),
    );
    expect(Math.max(...errors)).toBeLessThan(1e-6);
  });
});

function mean(values: Float32Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
