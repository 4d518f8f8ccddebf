import type { Pixels } from './picture.ts';

/** For each output position: the first input position it reads, and its weights, which sum to one. */
interface Taps {
  readonly first: number;
  readonly weights: Float64Array;
}

/**
 * Resizes a picture bilinearly, antialiased: where it shrinks, the triangle widens by the same factor, so every input
 * pixel counts. Pixel centres lie at halves (PIL's `BILINEAR`, torch's `antialias=True`, `align_corners=False`).
 */
export function resizePixels(pixels: Pixels, width: number, height: number): Pixels {
  if (pixels.width === width && pixels.height === height) {
    return pixels;
  }
  const narrow = resizeRows(pixels.data, pixels.width, pixels.height, width);
  return { width, height, data: resizeColumns(narrow, width, pixels.height, height) };
}

function resizeRows(data: Uint8Array, width: number, height: number, outWidth: number): Float32Array {
  const taps = makeTaps(width, outWidth);
  const out = new Float32Array(outWidth * height * 3);
  for (let row = 0, to = 0; row < height; row += 1) {
    for (const { first, weights } of taps) {
      let red = 0;
      let green = 0;
      let blue = 0;
      let from = 3 * (row * width + first);
      for (let tap = 0; tap < weights.length; tap += 1, from += 3) {
        const weight = weights[tap]!;
        red += weight * data[from]!;
        green += weight * data[from + 1]!;
        blue += weight * data[from + 2]!;
      }
      out[to] = red;
      out[to + 1] = green;
      out[to + 2] = blue;
      to += 3;
    }
  }
  return out;
}

function resizeColumns(data: Float32Array, width: number, height: number, outHeight: number): Uint8Array {
  const out = new Uint8ClampedArray(width * outHeight * 3);
  const rowSize = 3 * width;
  const sums = new Float64Array(rowSize);
  for (const [row, { first, weights }] of makeTaps(height, outHeight).entries()) {
    sums.fill(0);
    for (const [tap, weight] of weights.entries()) {
      const start = (first + tap) * rowSize;
      for (let index = 0; index < rowSize; index += 1) {
        sums[index]! += weight * data[start + index]!;
      }
    }
    out.set(sums, row * rowSize);
  }
  return new Uint8Array(out.buffer);
}

function makeTaps(size: number, outSize: number): Taps[] {
  const scale = size / outSize;
  const support = Math.max(scale, 1);
  return Array.from({ length: outSize }, (_, position) => {
    const centre = (position + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - support + 0.5));
    const end = Math.min(size, Math.trunc(centre + support + 0.5));
    const weights = Float64Array.from({ length: end - first }, (_, tap) =>
      Math.max(0, 1 - Math.abs(first + tap + 0.5 - centre) / support),
    );
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    return { first, weights: weights.map((weight) => weight / total) };
  });
}
