import { ShapeError } from '@od-vae/core/base';

import { pairOf, type Picture, type PictureOptions } from './picture.ts';
import { decibels } from './psnr.ts';

/** PSNR of two parts of a picture, each undefined where the part has no pixel. */
export interface MaskedPsnr {
  /** Where the mask is not 0. */
  readonly inside: number | undefined;
  readonly outside: number | undefined;
}

/**
 * PSNR as `psnr` has it, of the pixels inside a mask and of the others, such as those at the borders of tiles.
 *
 * @param mask one value a pixel, row by row
 * @throws ShapeError when the sizes differ, or the pictures are neither grey nor RGB
 */
export function maskedPsnr(a: Picture, b: Picture, mask: Uint8Array, options: PictureOptions = {}): MaskedPsnr {
  const { scaleA, scaleB, channels } = pairOf('maskedPsnr', a, b, options);
  const pixels = a.width * a.height;
  if (mask.length !== pixels) {
    throw new ShapeError(
      `maskedPsnr: the mask must have one value for each of ${pixels} pixels, but has ${mask.length}.`,
    );
  }
  let [inside, all, count] = [0, 0, 0];
  for (let pixel = 0, at = 0; pixel < pixels; pixel += 1) {
    let sum = 0;
    for (let channel = 0; channel < channels; channel += 1, at += 1) {
      const difference = a.data[at]! * scaleA - b.data[at]! * scaleB;
      sum += difference * difference;
    }
    all += sum;
    if (mask[pixel] === 0) continue;
    inside += sum;
    count += 1;
  }
  const mean = (sum: number, part: number) => (part > 0 ? decibels(sum / (part * channels)) : undefined);
  return { inside: mean(inside, count), outside: mean(all - inside, pixels - count) };
}
