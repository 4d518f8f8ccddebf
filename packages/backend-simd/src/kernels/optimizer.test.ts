import { largestDifference } from '@od-vae/test-utils';
import * as fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';

import { noise, runOn, type Values } from '../../fixtures/values.ts';
import { SimdBackend } from '../simd-backend.ts';
import { adamStep, movingAverage } from './optimizer.ts';

const backends = [1, 2].map((threads) => new SimdBackend({ threads }));
afterAll(async () => {
  await Promise.all(backends.map(({ pool }) => pool.close()));
});

const attributes = fc.record({
  rate: fc.double({ min: 1e-6, max: 1e-2, noNaN: true }),
  beta1: fc.constantFrom(0, 0.5, 0.9),
  beta2: fc.constantFrom(0.9, 0.999),
  epsilon: fc.constantFrom(1e-8, 1e-3),
  correction1: fc.double({ min: 0.1, max: 1, noNaN: true }),
  correction2: fc.double({ min: 0.001, max: 1, noNaN: true }),
});
const lengths = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constant(70_001));

describe('AdamStep', () => {
  it('moves each weight by its mean gradient over the root of the mean square', () => {
    fc.assert(
      fc.property(lengths, attributes, (length, attrs) => {
        const [param, gradient, mean] = ['param', 'gradient', 'mean'].map((key) => noise(key, [length]));
        const square = mapped(noise('square', [length]), Math.abs);
        const inputs = { param: param!, gradient: gradient!, mean: mean!, square };
        const average = mapped(mean!, (m, i) => m + (1 - attrs.beta1) * (gradient!.values[i]! - m));
        const energy = mapped(square, (v, i) => attrs.beta2 * v + (1 - attrs.beta2) * gradient!.values[i]! ** 2);
        const moved = mapped(param!, (p, i) => {
          const root = Math.sqrt(energy.values[i]! / attrs.correction2) + attrs.epsilon;
          return p - ((attrs.rate / attrs.correction1) * average.values[i]!) / root;
        });
        for (const backend of backends) {
          const results = runOn(backend, adamStep, inputs, attrs);
          [moved, average, energy].forEach((expected, index) => {
            expect(results[index]!.shape).toEqual([length]);
            expect(largestDifference(results[index]!.values, expected.values)).toBeLessThan(1e-5);
          });
        }
      }),
      { numRuns: 25 },
    );
  });
});

describe('MovingAverage', () => {
  it('lies between the average and the value', () => {
    fc.assert(
      fc.property(lengths, fc.double({ min: 0, max: 1, noNaN: true }), (length, decay) => {
        const [average, value] = [noise('average', [length]), noise('value', [length])];
        const expected = mapped(average, (old, i) => decay * old + (1 - decay) * value.values[i]!);
        for (const backend of backends) {
          const [y] = runOn(backend, movingAverage, { average, value }, { decay });
          expect(largestDifference(y!.values, expected.values)).toBeLessThan(1e-6);
        }
      }),
      { numRuns: 25 },
    );
  });
});

function mapped({ shape, values }: Values, change: (value: number, index: number) => number): Values {
  return { shape, values: values.map(change) };
}
