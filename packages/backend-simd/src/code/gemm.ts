import { type CompiledFunction, FunctionCode, get, type Local, loadInteger } from '../wasm/function-code.ts';
import { add, type Level, load, loadSplat, multiplyAdd, splat } from '../wasm/vectors.ts';

/** Rows of the left matrix that one pass of the microkernel holds in registers. */
export const BLOCK_ROWS = 4;
/** Columns that one pass holds: two vectors of four. Panels of packed weights are this wide. */
export const BLOCK_COLUMNS = 8;

const VECTORS = BLOCK_COLUMNS / 4;
const BLOCK = { rows: [...Array(BLOCK_ROWS).keys()], vectors: [...Array(VECTORS).keys()] };

/**
 * Writes `gemm`: a matrix product whose left rows are found through a table of addresses, so that a convolution needs no
 * copy of its input (the indirect convolution of XNNPACK).
 *
 * `gemm(table, blocks, taps, depth, panel, initial, initialStep, output, outputStep)`: for each block of rows, output is
 * initial plus, over all taps, rows times a `[depth, columns]` slice of the panel. The table is `[blocks, taps, rows]`.
 * Steps are bytes from row to row; an initial step of 0 gives all rows the same start, a bias. A block keeps its sums in
 * registers over all taps. On Node 20, 4 rows by 8 columns without unrolling is quickest: unrolled by two or four, the
 * same loop spills registers and runs at 60 % of its speed.
 */
export function gemm(level: Level): CompiledFunction {
  const code = new FunctionCode();
  const [table, blocks, taps, depth, panel] = parameters(code, 5);
  const [initial, initialStep, output, outputStep] = parameters(code, 4);
  const [weights, tap, rest] = [code.local('i32'), code.local('i32'), code.local('i32')];
  const rows = BLOCK.rows.map(() => code.local('i32'));
  const sums = BLOCK.rows.map(() => BLOCK.vectors.map(() => code.local('v128')));
  const columns = BLOCK.vectors.map(() => code.local('v128'));
  const element = code.local('v128');

  code.countdown(blocks!, 1, () => {
    for (const row of sums) {
      for (const sum of row) code.set(sum, splat(0));
    }
    code.set(weights, get(panel!));
    code.set(tap, get(taps!));
    code.countdown(tap, 1, () => {
      rows.forEach((row, index) => code.set(row, loadInteger(table!, index * 4)));
      code.advance(table!, BLOCK_ROWS * 4);
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
        code.advance(weights, BLOCK_COLUMNS * 4);
      });
    });
    for (const row of sums) {
      row.forEach((sum, index) => code.store(output!, add(load(initial!, index * 16), get(sum)), index * 16));
      code.advance(initial!, get(initialStep!));
      code.advance(output!, get(outputStep!));
    }
  });
  return code.finish('gemm');
}

function parameters(code: FunctionCode, count: number): Local<'i32'>[] {
  return Array.from({ length: count }, () => code.parameter('i32'));
}
