import { type LumaMatrix, lumaWeights, sampleRange } from './colour-matrix.ts';
import type { Pixels } from './picture.ts';
import { chromaSide } from './planar-picture.ts';

/**
 * Turns RGB into tightly packed 8-bit planar YUV, limited range: luma, U, V.
 *
 * Chroma is the average over the pixels it stands for, as many as exist at an odd edge.
 * @param chromaShift 1 for 4:2:0 (I420), 0 for 4:4:4 (I444)
 */
export function rgbToYuv(pixels: Pixels, matrix: LumaMatrix, chromaShift: 0 | 1): Uint8Array {
  const { width, height } = pixels;
  const chromaWidth = chromaSide(width, chromaShift);
  const chromaSize = chromaWidth * chromaSide(height, chromaShift);
  const data = new Uint8ClampedArray(width * height + 2 * chromaSize);
  const sums = { u: new Float32Array(chromaSize), v: new Float32Array(chromaSize) };
  fillLuma(pixels, matrix, chromaShift, data, sums);
  const step = 1 << chromaShift;
  const { middle } = sampleRange('limited', 8);
  for (let index = 0; index < chromaSize; index += 1) {
    const row = Math.floor(index / chromaWidth) << chromaShift;
    const column = (index % chromaWidth) << chromaShift;
    const count = Math.min(step, width - column) * Math.min(step, height - row);
    data[width * height + index] = middle + sums.u[index]! / count;
    data[width * height + chromaSize + index] = middle + sums.v[index]! / count;
  }
  return new Uint8Array(data.buffer);
}

/** Writes luma and gathers the chroma of each block. */
function fillLuma(
  { width, height, data: rgb }: Pixels,
  matrix: LumaMatrix,
  chromaShift: number,
  data: Uint8ClampedArray,
  sums: { readonly u: Float32Array; readonly v: Float32Array },
): void {
  const [redWeight, greenWeight, blueWeight] = lumaWeights(matrix);
  const { black, lumaSpan, chromaSpan } = sampleRange('limited', 8);
  const lumaScale = lumaSpan / 255;
  const scaleU = chromaSpan / 255 / (2 * (1 - blueWeight));
  const scaleV = chromaSpan / 255 / (2 * (1 - redWeight));
  const chromaWidth = chromaSide(width, chromaShift);
  for (let row = 0, pixel = 0; row < height; row += 1) {
    const chromaRow = (row >> chromaShift) * chromaWidth;
    for (let column = 0; column < width; column += 1, pixel += 1) {
      const red = rgb[3 * pixel]!;
      const blue = rgb[3 * pixel + 2]!;
      const luma = redWeight * red + greenWeight * rgb[3 * pixel + 1]! + blueWeight * blue;
      data[pixel] = black + luma * lumaScale;
      const block = chromaRow + (column >> chromaShift);
      sums.u[block]! += (blue - luma) * scaleU;
      sums.v[block]! += (red - luma) * scaleV;
    }
  }
}
