import { describe, expect, it } from 'vitest';

import { relativeDifference, relativeLength } from './golden-numbers.ts';

describe('relativeDifference', () => {
  it('is the largest difference in parts of the largest expected value', () => {
    expect(relativeDifference([1, 2.5], [1, 2])).toBe(0.25);
    expect(relativeDifference([3], [0])).toBe(3);
  });
});

describe('relativeLength', () => {
  it('is the length of the difference in parts of the expected length', () => {
    expect(relativeLength([3, 4.5], [3, 4])).toBeCloseTo(0.1, 12);
    expect(relativeLength([0, 0], [0, 0])).toBe(0);
  });
});

describe.each([relativeDifference, relativeLength])('$name', (error) => {
  it('is infinite where a value is no number, or lengths differ', () => {
    expect(error([1, Number.NaN], [1, 2])).toBe(Number.POSITIVE_INFINITY);
    expect(error([1], [1, 2])).toBe(Number.POSITIVE_INFINITY);
  });
});
