import { describe, expect, it } from 'vitest';
import { rgbToYuv } from './rgb-to-yuv.ts';

describe('rgbToYuv', () => {
  it('gives luma, then U, then V, halved chroma rounded up at odd sides', () => {
    const white = { width: 3, height: 5, data: new Uint8Array(45).fill(255) };
    const samples = rgbToYuv(white, 'bt709', 1);
    expect(samples).toHaveLength(15 + 2 * 2 * 3);
    expect([...new Set(samples.subarray(0, 15))]).toEqual([235]);
    expect([...new Set(samples.subarray(15))]).toEqual([128]);
  });

  it('averages the chroma of the pixels in a block, and only of those that exist', () => {
    const blue = [0, 0, 255];
    const black = [0, 0, 0];
    const samples = rgbToYuv({ width: 3, height: 1, data: Uint8Array.from([...blue, ...black, ...blue]) }, 'bt601', 1);
    const [half, whole] = [samples[3]!, samples[4]!];
    expect(whole).toBe(240);
    expect(half).toBe(184);
  });
});
