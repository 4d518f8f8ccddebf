import { ShapeError } from '@od-vae/core/base';

import { pairOf, type Picture, type PictureOptions, type PicturePair } from './picture.ts';

/** Side of the Gaussian window in pixels: a smaller picture has no SSIM. */
export const SSIM_WINDOW = 11;

const SIGMA = 1.5;
const LUMINANCE_GUARD = 0.01 ** 2;
const CONTRAST_GUARD = 0.03 ** 2;

/** What is averaged in each window: a, b, a² + b², ab. */
const MOMENTS = 4;

const TAPS = /* @__PURE__ */ Array.from({ length: SSIM_WINDOW }, (_, tap) => tap);
const WEIGHTS = /* @__PURE__ */ gaussian();

/**
 * Structural similarity of two pictures in [-1, 1], 1 for equal ones: the mean over channels and over all places where an
 * 11 by 11 Gaussian window (sigma 1.5) fits, with variances that are plain weighted means.
 *
 * @throws ShapeError when a side is below 11 px, the sizes differ, or the pictures are neither grey nor RGB
 */
export function ssim(a: Picture, b: Picture, options: PictureOptions = {}): number {
  const pair = pairOf('ssim', a, b, options);
  const { width, height } = a;
  if (width < SSIM_WINDOW || height < SSIM_WINDOW) {
    throw new ShapeError(
      `ssim: a picture must have at least ${SSIM_WINDOW} by ${SSIM_WINDOW} px, but has ${width} by ${height}.`,
    );
  }
  return meanSimilarity(pair);
}

/** Slides the window down row by row; of the rows that are filtered along the row, only a window's height is held. */
function meanSimilarity(pair: PicturePair): number {
  const { width, height } = pair.a;
  const step = MOMENTS * pair.channels;
  const length = (width - SSIM_WINDOW + 1) * step;
  const row = new Float64Array(width * step);
  const shiftedRows = TAPS.map((tap) => row.subarray(tap * step, tap * step + length));
  const ring = TAPS.map(() => new Float64Array(length));
  const filtered = new Float64Array(length);
  let sum = 0;
  for (let y = 0; y < height; y += 1) {
    readMoments(pair, y, row);
    weightedSum(shiftedRows, ring[y % SSIM_WINDOW]!);
    if (y < SSIM_WINDOW - 1) continue;
    weightedSum(
      TAPS.map((tap) => ring[(y + 1 + tap) % SSIM_WINDOW]!),
      filtered,
    );
    sum += similarity(filtered);
  }
  return sum / ((length / MOMENTS) * (height - SSIM_WINDOW + 1));
}

/** a, b, a² + b² and ab of one row, side by side for each value. */
function readMoments({ a, b, scaleA, scaleB, channels }: PicturePair, y: number, row: Float64Array): void {
  let index = y * a.width * channels;
  for (let place = 0; place < row.length; place += MOMENTS) {
    const valueA = a.data[index]! * scaleA;
    const valueB = b.data[index]! * scaleB;
    row[place] = valueA;
    row[place + 1] = valueB;
    row[place + 2] = valueA * valueA + valueB * valueB;
    row[place + 3] = valueA * valueB;
    index += 1;
  }
}

/** The Gaussian mean of 11 lines; written out, because this is where all the time goes. */
function weightedSum(lines: readonly Float64Array[], result: Float64Array): void {
  const [w0, w1, w2, w3, w4, w5] = WEIGHTS as unknown as FirstSix<number>;
  const [a0, a1, a2, a3, a4, middle] = lines as unknown as FirstSix<Float64Array>;
  const [b0, b1, b2, b3, b4] = lines.toReversed() as unknown as FirstSix<Float64Array>;
  for (let index = 0; index < result.length; index += 1) {
    result[index] =
      w0 * (a0[index]! + b0[index]!) +
      w1 * (a1[index]! + b1[index]!) +
      w2 * (a2[index]! + b2[index]!) +
      w3 * (a3[index]! + b3[index]!) +
      w4 * (a4[index]! + b4[index]!) +
      w5 * middle[index]!;
  }
}

function similarity(moments: Float64Array): number {
  let sum = 0;
  for (let place = 0; place < moments.length; place += MOMENTS) {
    const meanA = moments[place]!;
    const meanB = moments[place + 1]!;
    const meansSquared = meanA * meanA + meanB * meanB;
    const meansProduct = meanA * meanB;
    const variances = moments[place + 2]! - meansSquared;
    const covariance = moments[place + 3]! - meansProduct;
    sum +=
      ((2 * meansProduct + LUMINANCE_GUARD) * (2 * covariance + CONTRAST_GUARD)) /
      ((meansSquared + LUMINANCE_GUARD) * (variances + CONTRAST_GUARD));
  }
  return sum;
}

type FirstSix<Item> = readonly [Item, Item, Item, Item, Item, Item];

function gaussian(): readonly number[] {
  const middle = (SSIM_WINDOW - 1) / 2;
  const weights = TAPS.map((tap) => Math.exp(-((tap - middle) ** 2) / (2 * SIGMA ** 2)));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}
