import { describe, expect, it } from 'vitest';
import { toRational } from './rational.ts';

describe('toRational', () => {
  it.each([
    [24, [24, 1]],
    [30_000 / 1001, [30_000, 1001]],
    [29.97, [30_000, 1001]],
    [24_000 / 1001, [24_000, 1001]],
    [12.5, [25, 2]],
    [0.5, [1, 2]],
  ])('writes %d as %o', (fps, expected) => {
    expect(toRational(fps)).toEqual(expected);
  });
});
