import { scoped, useBackend, useLeakGuard } from '@od-vae/test-utils';
import { tensor1d } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

import { adaptiveWeight } from './adaptive-weight.ts';
import { adversarialLoss, discriminatorLoss } from './adversarial.ts';

useBackend('cpu');
useLeakGuard();

describe('discriminatorLoss', () => {
  it(
    'charges logits within the margin (hinge)',
    scoped(() => {
      const loss = discriminatorLoss(tensor1d([2, 0.5, -1]), tensor1d([-3, 0, 1]));
      expect(loss.dataSync()[0]).toBeCloseTo(0.5 * ((0 + 0.5 + 2) / 3 + (0 + 1 + 2) / 3), 6);
    }),
  );

  it(
    'charges every logit a little (vanilla)',
    scoped(() => {
      const softplus = (x: number) => Math.log(1 + Math.exp(x));
      const loss = discriminatorLoss(tensor1d([2]), tensor1d([-1]), 'vanilla');
      expect(loss.dataSync()[0]).toBeCloseTo(0.5 * (softplus(-2) + softplus(-1)), 6);
    }),
  );
});

describe('adversarialLoss', () => {
  it(
    'falls as clips look more real',
    scoped(() => expect(adversarialLoss(tensor1d([2, 4])).dataSync()[0]).toBe(-3)),
  );
});

describe('adaptiveWeight', () => {
  it(
    'is the quotient of the lengths of both gradients, times the weight',
    scoped(() => {
      const weight = adaptiveWeight(tensor1d([3, 4]), tensor1d([0, 2]), 0.5);
      expect(weight.dataSync()[0]).toBeCloseTo(0.5 * (5 / 2.0001), 5);
    }),
  );

  it(
    'is at most ten thousand times the weight',
    scoped(() => expect(adaptiveWeight(tensor1d([9]), tensor1d([0]), 0.5).dataSync()[0]).toBe(5000)),
  );
});
