import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { best, median } from './statistics.ts';

const times = fc.array(fc.double({ min: 0.001, max: 1000, noNaN: true }), { minLength: 1 });

describe('median', () => {
  it.each([
    [[3], 3],
    [[9, 1, 2], 2],
    [[4, 1, 100, 2], 3],
  ])('of %j is %d', (values, expected) => {
    expect(median(values)).toBe(expected);
  });

  it('has as many values below as above, and leaves its input alone', () => {
    fc.assert(
      fc.property(times, (values) => {
        const before = [...values];
        const middle = median(values);
        expect(values).toEqual(before);
        const below = values.filter((value) => value < middle).length;
        const above = values.filter((value) => value > middle).length;
        expect(Math.max(below, above)).toBeLessThanOrEqual(values.length / 2);
      }),
    );
  });
});

describe('best', () => {
  it('is one of the times, and none is less', () => {
    fc.assert(
      fc.property(times, (values) => {
        expect(values).toContain(best(values));
        expect(values.every((value) => value >= best(values))).toBe(true);
      }),
    );
  });
});
