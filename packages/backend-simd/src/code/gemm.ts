import {
  addInteger,
  type CompiledFunction,
  FunctionCode,
  get,
  type Local,
  loadInteger,
} from '../wasm/function-code.ts';
import { add, type Level, load, loadSplat, multiplyAdd, splat } from '../wasm/vectors.ts';

/** What one pass of the microkernel holds in registers: rows of the left matrix by columns of the right one. */
export interface Block {
  readonly rows: number;
  /** A multiple of 4; panels of packed weights are this wide. */
  readonly columns: number;
}

/**
 * Writes `gemm`: a matrix product whose left rows are found through a table of addresses, so that a convolution needs no
 * copy of its input (the indirect convolution of XNNPACK).
 *
 * `gemm(table, base, blocks, taps, depth, panel, initial, initialStep, output, outputStep)`: for each block of rows, output
 * is initial plus, over all taps, rows times a `[depth, columns]` slice of the panel. The table is `[blocks, taps, rows]`;
 * `base` is added to its addresses. Steps are bytes from row to row; an initial step of 0 gives all rows the same start, a
 * bias. A block keeps its sums in registers over all taps. The loop is not unrolled: on Node 20 that spills registers and
 * runs at 60 % of the speed, on Node 24 it gains nothing.
 */
export function gemm(level: Level, block: Block): CompiledFunction {
  const code = new FunctionCode();
  const [table, base, blocks, taps, depth] = parameters(code, 5);
  const [panel, initial, initialStep, output, outputStep] = parameters(code, 5);
  const [weights, tap, rest] = [code.local('i32'), code.local('i32'), code.local('i32')];
  const rows = Array.from({ length: block.rows }, () => code.local('i32'));
  const vectors = [...Array(block.columns / 4).keys()];
  const sums = rows.map(() => vectors.map(() => code.local('v128')));
  const columns = vectors.map(() => code.local('v128'));
  const element = code.local('v128');

  code.countdown(blocks!, 1, () => {
    for (const row of sums) {
      for (const sum of row) code.set(sum, splat(0));
    }
    code.set(weights, get(panel!));
    code.set(tap, get(taps!));
    code.countdown(tap, 1, () => {
      rows.forEach((row, index) => code.set(row, addInteger(loadInteger(table!, index * 4), get(base!))));
      code.advance(table!, block.rows * 4);
      code.set(rest, get(depth!));
      code.countdown(rest, 1, () => {
        columns.forEach((column, index) => code.set(column, load(weights, index * 16)));
        rows.forEach((row, index) => {
          code.set(element, loadSplat(row));
          columns.forEach((column, j) => {
            const sum = sums[index]![j]!;
            code.set(sum, multiplyAdd(level, get(element), get(column), get(sum)));
          });
        });
        for (const row of rows) code.advance(row, 4);
        code.advance(weights, block.columns * 4);
      });
    });
    for (const row of sums) {
      row.forEach((sum, index) => code.set(sum, add(load(initial!, index * 16), get(sum))));
      row.forEach((sum, index) => code.store(output!, get(sum), index * 16));
      code.advance(initial!, get(initialStep!));
      code.advance(output!, get(outputStep!));
    }
  });
  return code.finish('gemm');
}

function parameters(code: FunctionCode, count: number): Local<'i32'>[] {
  return Array.from({ length: count }, () => code.parameter('i32'));
}
