import { assert, integer, property } from 'fast-check';
import { describe, expect, it } from 'vitest';

import { sampleOrder } from './sample-order.ts';

const range = (begin: number, count: number) => Array.from({ length: count }, (_, index) => begin + index);

describe('sampleOrder', () => {
  it('takes every file once an epoch, whatever was asked before', () => {
    const natural = integer({ min: 0, max: 1000 });
    assert(
      property(integer({ min: 1, max: 20 }), natural, natural, (count, seed, epoch) => {
        const straight = range(epoch * count, count).map(sampleOrder(count, seed));
        expect(straight.toSorted((a, b) => a - b)).toEqual(range(0, count));
        const jumping = sampleOrder(count, seed);
        expect(
          range(epoch * count, count)
            .toReversed()
            .map((index) => (jumping(0), jumping(index))),
        ).toEqual(straight.toReversed());
      }),
      { numRuns: 50 },
    );
  });

  it('takes them in another order in another epoch and for another seed', () => {
    const epoch = (seed: number, number: number) => String(range(100 * number, 100).map(sampleOrder(100, seed)));
    expect(new Set([epoch(1, 0), epoch(1, 1), epoch(2, 0)]).size).toBe(3);
  });
});
