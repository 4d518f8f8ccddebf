import { describe, expect, it } from 'vitest';
import { squareSize } from './square-size.ts';

describe('squareSize', () => {
  it.each([
    [64, 48, 4 / 3, { width: 85, height: 48 }],
    [64, 48, 0.5, { width: 64, height: 96 }],
    [256, 256, 1, { width: 256, height: 256 }],
    [256, 256, 255 / 256, { width: 256, height: 256 }],
  ])('of %d x %d with pixels of %d', (width, height, aspect, expected) => {
    expect(squareSize(width, height, aspect)).toEqual(expected);
  });
});
