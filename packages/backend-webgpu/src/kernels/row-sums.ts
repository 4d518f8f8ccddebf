import { sizeOf } from '@od-vae/core';
import type { TensorInfo } from '@tensorflow/tfjs-core';

import { rowSumsProgram, SUMMED_TOGETHER } from '../programs/row-sums.ts';
import type { WebgpuBackend } from '../webgpu-backend.ts';

/** Rows that one layer adds up at least, and layers at most. */
const LEAST_ROWS = 512;
const MOST_LAYERS = 256;

/** The rows of a matrix added up, whatever the shape of its tensor; the result is of the shape asked for. */
export function rowSums(
  backend: WebgpuBackend,
  matrix: TensorInfo,
  rows: number,
  shape: readonly number[],
): TensorInfo {
  const width = sizeOf(shape);
  const full = width % 4 === 0;
  const columns = full ? width / 4 : width;
  const add = (x: TensorInfo, count: number, layers: number, to: readonly number[]) => {
    const y = backend.output('rowSums', to);
    backend.dispatch(rowSumsProgram(full), {
      reads: [x],
      writes: [y],
      sizes: { rows: count, columns, rowsTogether: Math.ceil(count / layers) },
      groups: [Math.ceil(columns / SUMMED_TOGETHER), layers],
    });
    return y;
  };
  const layers = Math.min(MOST_LAYERS, Math.ceil(rows / LEAST_ROWS));
  if (layers === 1) return add(matrix, rows, 1, shape);
  const parts = add(matrix, rows, layers, [layers, width]);
  const sums = add(parts, layers, 1, shape);
  backend.disposeData(parts.dataId);
  return sums;
}
