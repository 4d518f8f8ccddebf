import { ShapeError } from '@od-vae/core/base';
import { goldenInput } from '@od-vae/test-utils';
import { describe, expect, it } from 'vitest';

import { mixed, noise, picturesOf, trainingPictures } from '../fixtures/pictures.ts';
import { plainSsim } from '../fixtures/plain-ssim.ts';
import { readArrays } from '../fixtures/read-arrays.ts';
import { ssim } from './ssim.ts';

describe('ssim', () => {
  it('is 1 for equal pictures and falls as noise grows', () => {
    const picture = noise(1, 20, 16);
    const other = noise(2, 20, 16);
    expect(ssim(picture, picture)).toBeCloseTo(1, 12);
    const scores = [0.1, 0.3, 0.6, 1].map((part) => ssim(picture, mixed(picture, other, part)));
    expect(scores).toEqual(scores.toSorted((x, y) => y - x));
    expect(scores[3]).toBeLessThan(0.2);
  });

  it.each([
    [11, 11, 1],
    [11, 17, 3],
    [26, 12, 3],
  ])('is what its definition says, at %i by %i with %i channels', (width, height, channels) => {
    const a = noise(3, width, height, channels);
    const b = mixed(a, noise(4, width, height, channels), 0.3);
    expect(ssim(a, b)).toBeCloseTo(plainSsim(a, b, channels), 12);
  });

  it('is the same turned on its side', () => {
    const turn = ({ data, width, height }: ReturnType<typeof noise>) => ({
      width: height,
      height: width,
      data: Array.from(data, (_, index) => data[(index % height) * width + Math.floor(index / height)]!),
    });
    const a = noise(5, 18, 13, 1);
    const b = mixed(a, noise(6, 18, 13, 1), 0.5);
    expect(ssim(turn(a), turn(b))).toBeCloseTo(ssim(a, b), 12);
  });

  it('takes bytes as parts of 255, unless white says otherwise', () => {
    const bytes = (seed: number) => Uint8Array.from(noise(seed, 12, 12).data as Float64Array, (value) => value * 256);
    const picture = (data: ArrayLike<number>) => ({ width: 12, height: 12, data });
    const parts = (data: Uint8Array) => Array.from(data, (value) => value / 255);
    const [a, b] = [bytes(7), bytes(8)];
    const expected = ssim(picture(parts(a)), picture(parts(b)));
    expect(ssim(picture(a), picture(b))).toBeCloseTo(expected, 12);
    expect(ssim(picture([...a]), picture([...b]), { white: 255 })).toBeCloseTo(expected, 12);
  });

  it('agrees with the published evaluation code', () => {
    const { a, b, ssim: expected } = readArrays('psnr_ssim.safetensors');
    const originals = picturesOf(a!);
    const rebuilt = picturesOf(b!);
    expect(originals).toHaveLength(3);
    originals.forEach((original, index) =>
      expect(ssim(original, rebuilt[index]!)).toBeCloseTo(expected!.data[index]!, 12),
    );
  });

  it('agrees with the validation of the training run', () => {
    const { ssim: expected } = readArrays('training-quality.safetensors');
    const [originals, rebuilt] = trainingPictures(goldenInput);
    expect(originals).toHaveLength(2);
    originals.forEach((original, index) =>
      expect(ssim(original, rebuilt[index]!)).toBeCloseTo(expected!.data[index]!, 6),
    );
  });

  it('refuses a picture that is smaller than its window', () => {
    const small = noise(9, 10, 40);
    expect(() => ssim(small, small)).toThrow(ShapeError);
    expect(() => ssim(small, small)).toThrow('ssim: a picture must have at least 11 by 11 px, but has 10 by 40.');
  });
});
