import { describe, expect, it } from 'vitest';

import { shareDone, timeLeftText } from './time-left.ts';

describe('shareDone', () => {
  it('goes from 0 to 1, and never back', () => {
    const steps = [
      [0, 0, 0, 0],
      [0.5, 0, 0, 0],
      [1, 0.5, 0, 0],
      [1, 1, 0.5, 0],
      [1, 1, 1, 0.5],
      [1, 1, 1, 1],
    ].map(([read, loaded, encoded, decoded]) =>
      shareDone({ read: read!, loaded: loaded!, encoded: encoded!, decoded: decoded! }),
    );
    expect(steps).toEqual(steps.toSorted((a, b) => a - b));
    expect([steps[0], steps.at(-1)]).toEqual([0, 1]);
  });
});

describe('timeLeftText', () => {
  it.each([
    ['nothing before there is a pace', 0.01, 10_000, ''],
    ['nothing at once', 0.5, 100, ''],
    ['as much again after a half', 0.5, 30_000, '30 s left'],
    ['minutes', 0.1, 20_000, '3:00 min left'],
    ['a second at least', 0.999, 9000, '1 s left'],
    ['few seconds as a whole number', 0.75, 12_000, '4 s left'],
    ['the end', 1, 9000, 'nearly done'],
  ])('says %s', (_, share, elapsed, text) => {
    expect(timeLeftText(share, elapsed)).toBe(text);
  });
});
