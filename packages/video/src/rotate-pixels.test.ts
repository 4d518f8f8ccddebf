import { describe, expect, it } from 'vitest';
import { rotatePixels } from './rotate-pixels.ts';

/** One number a pixel: 1 2 3 over 4 5 6. */
const picture = {
  width: 3,
  height: 2,
  data: Uint8Array.from([1, 2, 3, 4, 5, 6].flatMap((value) => [value, value, value])),
};

function numbers({ data }: { readonly data: Uint8Array }): number[] {
  return [...data].filter((_, index) => index % 3 === 0);
}

describe('rotatePixels', () => {
  it.each([
    [0, false, [3, 2], [1, 2, 3, 4, 5, 6]],
    [90, false, [2, 3], [4, 1, 5, 2, 6, 3]],
    [180, false, [3, 2], [6, 5, 4, 3, 2, 1]],
    [270, false, [2, 3], [3, 6, 2, 5, 1, 4]],
    [0, true, [3, 2], [3, 2, 1, 6, 5, 4]],
    [90, true, [2, 3], [1, 4, 2, 5, 3, 6]],
  ])('turns clockwise by %d degrees, mirrored: %s', (rotation, flip, size, expected) => {
    const turned = rotatePixels(picture, rotation, flip);
    expect([turned.width, turned.height]).toEqual(size);
    expect(numbers(turned)).toEqual(expected);
  });
});
