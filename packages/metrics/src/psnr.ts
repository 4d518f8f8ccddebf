import { pairOf, type Picture, type PictureOptions } from './picture.ts';

/** What equal pictures score, and all whose mean squared error is below 1e-10. */
const CEILING = 100;

/**
 * Peak signal-to-noise ratio of two pictures in decibels, over all pixels and channels; at most 100.
 *
 * @throws ShapeError when the sizes differ, or the pictures are neither grey nor RGB
 */
export function psnr(a: Picture, b: Picture, options: PictureOptions = {}): number {
  const { scaleA, scaleB } = pairOf('psnr', a, b, options);
  const { length } = a.data;
  let sum = 0;
  for (let index = 0; index < length; index += 1) {
    const difference = a.data[index]! * scaleA - b.data[index]! * scaleB;
    sum += difference * difference;
  }
  return decibels(sum / length);
}

/** PSNR of a mean squared error of values in [0, 1]. */
export function decibels(meanSquaredError: number): number {
  return meanSquaredError < 1e-10 ? CEILING : -10 * Math.log10(meanSquaredError);
}
