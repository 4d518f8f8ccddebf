import { assert, constantFrom, integer, property } from 'fast-check';
import { describe, expect, it } from 'vitest';

import { stepKind } from '../step-kind.ts';
import { type LearningRate, learningRateAt } from './learning-rate.ts';

describe('learningRateAt', () => {
  it('is the rate at every step unless it is told otherwise', () => {
    for (const step of [1, 50, 100]) expect(learningRateAt({ rate: 1e-5 }, step, 100)).toBe(1e-5);
  });

  it('rises in a line while warming up', () => {
    const rates = [1, 2, 3, 4, 5].map((step) => learningRateAt({ rate: 4, warmup: 4 }, step, 10));
    expect(rates).toEqual([1, 2, 3, 4, 4]);
  });

  it('never leaves the range between final and rate, never rises again, and ends at final', () => {
    const shape = constantFrom('cosine' as const, 'linear' as const);
    assert(
      property(shape, integer({ min: 0, max: 20 }), integer({ min: 30, max: 100 }), (kind, warmup, steps) => {
        const plan: LearningRate = { rate: 1, shape: kind, warmup, final: 0.1 };
        const rates = Array.from({ length: steps - warmup }, (_, i) => learningRateAt(plan, warmup + i + 1, steps));
        expect(rates.at(-1)).toBeCloseTo(0.1, 12);
        rates.forEach((rate, index) => {
          expect(rate).toBeGreaterThanOrEqual(0.1 - 1e-12);
          expect(rate).toBeLessThanOrEqual(index === 0 ? 1 : rates[index - 1]!);
        });
      }),
      { numRuns: 50 },
    );
  });
});

describe('stepKind', () => {
  it('trains the discriminator in odd steps from its start on', () => {
    const kinds = (start?: number) => [1, 2, 3, 4, 5, 6].map((step) => stepKind(step, start)[0]).join('');
    expect(kinds(3)).toBe('ggdgdg');
    expect(kinds(4)).toBe('ggggdg');
    expect(kinds(0)).toBe('dgdgdg');
    expect(kinds()).toBe('gggggg');
  });
});
