import type { GpuProgram } from '../gpu-program.ts';
import { vectorType } from './vector-type.ts';

const THREADS = 256;

/** Columns that a workgroup adds up. */
export const SUMMED_TOGETHER = THREADS;

/** The rows of a matrix `[rows, columns]` added up: some of them in each layer, which is a row of the result. */
export function rowSumsProgram(full: boolean): GpuProgram {
  const type = vectorType(full);
  return {
    name: 'rowSums',
    variant: type,
    reads: [{ name: 'x', type }],
    writes: [{ name: 'y', type }],
    sizes: ['rows', 'columns', 'rowsTogether'],
    threads: THREADS,
    code: () => `
var<workgroup> parts: array<${type}, ${THREADS}>;
fn run(group: i32, layer: i32, thread: i32) {
  let wide = min(sizes.columns, ${THREADS});
  let together = ${THREADS} / wide;
  let column = group * ${THREADS} + thread % wide;
  let last = min((layer + 1) * sizes.rowsTogether, sizes.rows);
  var sum = ${type}();
  if (thread < together * wide && column < sizes.columns) {
    for (var row = layer * sizes.rowsTogether + thread / wide; row < last; row += together) {
      sum += x[row * sizes.columns + column];
    }
  }
  parts[thread] = sum;
  workgroupBarrier();
  if (thread < wide && column < sizes.columns) {
    for (var part = 1; part < together; part++) { sum += parts[part * wide + thread]; }
    y[layer * sizes.columns + column] = sum;
  }
}`,
  };
}
