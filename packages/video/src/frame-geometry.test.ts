import { describe, expect, it } from 'vitest';
import { applyGeometry, planGeometry } from './frame-geometry.ts';

describe('planGeometry', () => {
  it('keeps the whole picture by default', () => {
    expect(planGeometry({ width: 63, height: 47 }, {})).toEqual({
      resized: { width: 63, height: 47 },
      left: 0,
      top: 0,
      width: 63,
      height: 47,
    });
  });

  it.each([
    [{ width: 854, height: 480 }, 256, { width: 455, height: 256 }],
    [{ width: 480, height: 854 }, 256, { width: 256, height: 455 }],
    [{ width: 64, height: 64 }, 256, { width: 256, height: 256 }],
  ])('resizes %o to a short side of %d, the long side rounded down', (size, shortSide, expected) => {
    expect(planGeometry(size, { shortSide }).resized).toEqual(expected);
  });

  it('cuts a square, or a size, out of the middle, half pixels to the even side', () => {
    expect(planGeometry({ width: 455, height: 256 }, { crop: 'square' })).toMatchObject({ left: 100, width: 256 });
    expect(planGeometry({ width: 11, height: 9 }, { crop: { width: 4, height: 4 } })).toMatchObject({
      left: 4,
      top: 2,
    });
  });

  it('cuts down to multiples', () => {
    expect(planGeometry({ width: 63, height: 47 }, { multipleOf: 8 })).toMatchObject({
      width: 56,
      height: 40,
      left: 4,
      top: 4,
    });
  });

  it('refuses a crop larger than the frames, and a multiple larger than a side, with both numbers', () => {
    expect(() => planGeometry({ width: 64, height: 48 }, { crop: { width: 65, height: 4 } })).toThrow(
      'crop needs at least 65x4, but the frames are 64x48',
    );
    expect(() => planGeometry({ width: 64, height: 48 }, { multipleOf: 50 })).toThrow(
      'multipleOf 50 needs sides of at least 50',
    );
    expect(() => planGeometry({ width: 64, height: 48 }, { shortSide: 2.5 })).toThrow(
      'shortSide must be a whole number',
    );
  });
});

describe('applyGeometry', () => {
  it('keeps the pixels of the middle', () => {
    const data = Uint8Array.from({ length: 5 * 3 * 3 }, (_, index) => Math.floor(index / 3));
    const cut = applyGeometry(
      { width: 5, height: 3, data },
      planGeometry({ width: 5, height: 3 }, { crop: { width: 1, height: 1 } }),
    );
    expect([...cut.data]).toEqual([7, 7, 7]);
  });
});
