import { describe, expect, it } from 'vitest';

import { bytesText, secondsText } from './words.ts';

describe('bytesText', () => {
  it.each([
    [0, '0 bytes'],
    [999, '999 bytes'],
    [1000, '1.0 kB'],
    [18_432, '18.4 kB'],
    [134_920, '135 kB'],
    [2_838_528, '2.8 MB'],
    [5e12, '5000 GB'],
  ])('says of %d: %s', (bytes, text) => {
    expect(bytesText(bytes)).toBe(text);
  });
});

describe('secondsText', () => {
  it.each([
    [0.04, '0.0 s'],
    [9.94, '9.9 s'],
    [9.96, '10 s'],
    [59.4, '59 s'],
    [59.6, '1:00 min'],
    [3725, '62:05 min'],
  ])('says of %d: %s', (seconds, text) => {
    expect(secondsText(seconds)).toBe(text);
  });
});
