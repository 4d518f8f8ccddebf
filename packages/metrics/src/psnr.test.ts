import { ConfigError, ShapeError } from '@od-vae/core/base';
import { goldenInput } from '@od-vae/test-utils';
import { describe, expect, it } from 'vitest';

import { noise, picturesOf, trainingPictures } from '../fixtures/pictures.ts';
import { readArrays } from '../fixtures/read-arrays.ts';
import { psnr } from './psnr.ts';

const flat = (value: number, width = 2, height = 2) => ({ width, height, data: Array(width * height * 3).fill(value) });

describe('psnr', () => {
  it('is 20 dB for an error of a tenth everywhere, 6.02 dB more for half of it', () => {
    expect(psnr(flat(0.5), flat(0.6))).toBeCloseTo(20, 10);
    expect(psnr(flat(0.5), flat(0.55))).toBeCloseTo(20 + 20 * Math.log10(2), 10);
  });

  it('stops at 100 dB, where the mean squared error is below 1e-10', () => {
    expect(psnr(flat(0.5), flat(0.5))).toBe(100);
    expect(psnr(flat(0), flat(0.99e-5))).toBe(100);
    expect(psnr(flat(0), flat(1.01e-5))).toBeLessThan(100);
  });

  it('takes bytes as parts of 255, unless white says otherwise', () => {
    const bytes = { width: 1, height: 1, data: Uint8Array.of(0, 0, 255) };
    const clamped = { width: 1, height: 1, data: Uint8ClampedArray.of(0, 0, 255) };
    const floats = { width: 1, height: 1, data: [0, 0, 0.9] };
    expect(psnr(bytes, floats)).toBeCloseTo(-10 * Math.log10(0.01 / 3), 10);
    expect(psnr(clamped, floats)).toBe(psnr(bytes, floats));
    expect(psnr(flat(50), flat(60), { white: 100 })).toBeCloseTo(20, 10);
  });

  it('does not care which picture is the original', () => {
    const [a, b] = [noise(1, 5, 4, 1), noise(2, 5, 4, 1)];
    expect(psnr(a, b)).toBe(psnr(b, a));
  });

  it('agrees with the published evaluation code', () => {
    const { a, b, psnr: expected } = readArrays('psnr_ssim.safetensors');
    const originals = picturesOf(a!);
    const rebuilt = picturesOf(b!);
    expect(originals).toHaveLength(3);
    // The reference sums in float32.
    originals.forEach((original, index) =>
      expect(psnr(original, rebuilt[index]!)).toBeCloseTo(expected!.data[index]!, 5),
    );
  });

  it('agrees with the validation of the training run', () => {
    const { psnr: expected } = readArrays('training-quality.safetensors');
    const [originals, rebuilt] = trainingPictures(goldenInput);
    expect(originals).toHaveLength(2);
    originals.forEach((original, index) =>
      expect(psnr(original, rebuilt[index]!)).toBeCloseTo(expected!.data[index]!, 4),
    );
  });

  it('refuses pictures of different sizes, odd channels and a white that is none', () => {
    expect(() => psnr(flat(0), flat(0, 3))).toThrow(ShapeError);
    expect(() => psnr(flat(0), flat(0, 3))).toThrow(
      'psnr: both pictures must have one size, but one of 2 by 2 has 12 values and one of 3 by 2 has 18 values.',
    );
    expect(() => psnr(noise(1, 2, 2, 1), flat(0))).toThrow(ShapeError);
    expect(() => psnr(noise(1, 2, 2, 4), noise(1, 2, 2, 4))).toThrow(/must have 1 or 3 values for each pixel/);
    expect(() => psnr({ width: 0, height: 0, data: [] }, { width: 0, height: 0, data: [] })).toThrow(ShapeError);
    expect(() => psnr(flat(0), flat(0), { white: 0 })).toThrow(ConfigError);
  });
});
