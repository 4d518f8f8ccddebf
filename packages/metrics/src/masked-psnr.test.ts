import { ShapeError } from '@od-vae/core/base';
import { describe, expect, it } from 'vitest';

import { mixed, noise } from '../fixtures/pictures.ts';
import { maskedPsnr } from './masked-psnr.ts';
import { psnr } from './psnr.ts';

const [width, height] = [12, 10];
const original = noise(1, width, height);
const rebuilt = mixed(original, noise(2, width, height), 0.3);
const pixels = width * height;

const meanSquaredError = (decibels: number) => 10 ** (-decibels / 10);

describe('maskedPsnr', () => {
  it('is psnr where the mask holds all or nothing', () => {
    const all = psnr(original, rebuilt);
    const full = maskedPsnr(original, rebuilt, new Uint8Array(pixels).fill(1));
    expect(full.inside).toBeCloseTo(all, 10);
    expect(full.outside).toBeUndefined();
    const none = maskedPsnr(original, rebuilt, new Uint8Array(pixels));
    expect(none.inside).toBeUndefined();
    expect(none.outside).toBeCloseTo(all, 10);
  });

  it('splits the error, so that the parts weighted by their pixels are the whole', () => {
    const mask = Uint8Array.from({ length: pixels }, (_, pixel) => (pixel % 7 < 2 ? 255 : 0));
    const count = mask.filter((value) => value > 0).length;
    const { inside, outside } = maskedPsnr(original, rebuilt, mask);
    const whole = (meanSquaredError(inside!) * count + meanSquaredError(outside!) * (pixels - count)) / pixels;
    expect(whole).toBeCloseTo(meanSquaredError(psnr(original, rebuilt)), 10);
    expect(inside).not.toBeCloseTo(outside!, 3);
  });

  it('sees an error inside the mask alone', () => {
    const data = Array.from(original.data);
    data[0] = 1 - data[0]!;
    const mask = new Uint8Array(pixels);
    mask[0] = 1;
    const { inside, outside } = maskedPsnr(original, { width, height, data }, mask);
    expect(outside).toBe(100);
    expect(inside).toBeLessThan(100);
  });

  it('refuses a mask of another size', () => {
    expect(() => maskedPsnr(original, rebuilt, new Uint8Array(119))).toThrow(ShapeError);
    expect(() => maskedPsnr(original, rebuilt, new Uint8Array(119))).toThrow(
      'maskedPsnr: the mask must have one value for each of 120 pixels, but has 119.',
    );
  });
});
