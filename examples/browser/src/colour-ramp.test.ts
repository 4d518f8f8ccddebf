import { describe, expect, it } from 'vitest';

import { rampColour } from './colour-ramp.ts';

/** Relative luminance, as eyes weigh colours. */
const lightness = (value: number): number => {
  const [red, green, blue] = rampColour(value);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};

describe('rampColour', () => {
  it('grows lighter with every step, so that it can be read without its hues', () => {
    const all = Array.from({ length: 101 }, (_, index) => lightness(index / 100));
    expect(all).toEqual(all.toSorted((a, b) => a - b));
    expect(all.at(-1)! - all[0]!).toBeGreaterThan(180);
  });

  it.each([-1, 2])('keeps to its ends beyond them: %d', (value) => {
    expect(rampColour(value)).toEqual(rampColour(Math.sign(value) === 1 ? 1 : 0));
  });
});
