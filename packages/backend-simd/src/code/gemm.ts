import {
  addInteger,
  type CompiledFunction,
  FunctionCode,
  get,
  integers,
  type Local,
  loadInteger,
  type Value,
} from '../wasm/function-code.ts';
import { add, type Level, load, loadSplat, multiplyAdd, splat } from '../wasm/vectors.ts';

/** What one pass of the microkernel holds in registers: rows of the left matrix by columns of the right one. */
export interface Block {
  readonly rows: number;
  /** A multiple of 4; panels of packed weights are this wide. */
  readonly columns: number;
  /** Whether a left matrix that is written for the product lies in groups of channels, for `gemmGroups`. */
  readonly grouped: boolean;
}

/** Channels of a row that lie together in a matrix of groups: two vectors. */
export const GROUP = 8;

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
  const [table, base, blocks, taps, depth] = integers(code, 5, 'parameter');
  const end = integers(code, 5, 'parameter');
  const rest = code.local('i32');
  const rows = Array.from({ length: block.rows }, () => code.local('i32'));
  eachBlock(code, block, { blocks: blocks!, taps: taps!, end }, (sums, weights) => {
    rows.forEach((row, index) => code.set(row, addInteger(loadInteger(table!, index * 4), get(base!))));
    code.advance(table!, block.rows * 4);
    code.set(rest, get(depth!));
    code.countdown(rest, 1, () => {
      sums.addProducts(level, 0, (row) => loadSplat(rows[row]!));
      for (const row of rows) code.advance(row, 4);
      code.advance(weights, block.columns * 4);
    });
  });
  return code.finish('gemm');
}

/**
 * Writes `gemmGroups(table, base, blocks, taps, groups, groupStep, panel, initial, initialStep, output, outputStep)`: as
 * `gemm`, but the left matrix lies in groups of eight channels, `[groups, any rows, 8]` with so many bytes from group to
 * group, and the rows of a block follow one another in it. One address a block is enough, so the table is `[blocks, taps]`,
 * and offsets are part of the instructions. Unrolled over a group, on engines with registers for that.
 */
export function gemmGroups(level: Level, block: Block): CompiledFunction {
  const code = new FunctionCode();
  const [table, base, blocks, taps, groups, groupStep] = integers(code, 6, 'parameter');
  const end = integers(code, 5, 'parameter');
  const [left, rest] = [code.local('i32'), code.local('i32')];
  eachBlock(code, block, { blocks: blocks!, taps: taps!, end }, (sums, weights) => {
    code.set(left, addInteger(loadInteger(table!, 0), get(base!)));
    code.advance(table!, 4);
    code.set(rest, get(groups!));
    code.countdown(rest, 1, () => {
      for (let channel = 0; channel < GROUP; channel++) {
        sums.addProducts(level, channel, (row) => loadSplat(left, (row * GROUP + channel) * 4));
      }
      code.advance(weights, GROUP * block.columns * 4);
      code.advance(left, get(groupStep!));
    });
  });
  return code.finish('gemmGroups');
}

/** The sums of a block, in registers. */
interface BlockSums {
  /** Adds an element of each row, in all lanes, times a line of the panel: so many lines behind its address. */
  addProducts(level: Level, line: number, element: (row: number) => Value<'v128'>): void;
}

/** For each block of rows: sums of all taps, then initial values added and all written. */
function eachBlock(
  code: FunctionCode,
  block: Block,
  { blocks, taps, end }: { blocks: Local<'i32'>; taps: Local<'i32'>; end: readonly Local<'i32'>[] },
  ofTap: (sums: BlockSums, weights: Local<'i32'>) => void,
): void {
  const [panel, initial, initialStep, output, outputStep] = end;
  const [weights, tap] = [code.local('i32'), code.local('i32')];
  const vectors = [...Array(block.columns / 4).keys()];
  const sums = Array.from({ length: block.rows }, () => vectors.map(() => code.local('v128')));
  const columns = vectors.map(() => code.local('v128'));
  const value = code.local('v128');
  const addProducts: BlockSums['addProducts'] = (level, line, element) => {
    columns.forEach((column, index) => code.set(column, load(weights, line * block.columns * 4 + index * 16)));
    sums.forEach((row, index) => {
      code.set(value, element(index));
      row.forEach((sum, j) => code.set(sum, multiplyAdd(level, get(value), get(columns[j]!), get(sum))));
    });
  };
  code.countdown(blocks, 1, () => {
    for (const sum of sums.flat()) code.set(sum, splat(0));
    code.set(weights, get(panel!));
    code.set(tap, get(taps));
    code.countdown(tap, 1, () => ofTap({ addProducts }, weights));
    for (const row of sums) {
      row.forEach((sum, index) => code.set(sum, add(load(initial!, index * 16), get(sum))));
      row.forEach((sum, index) => code.store(output!, get(sum), index * 16));
      code.advance(initial!, get(initialStep!));
      code.advance(output!, get(outputStep!));
    }
  });
}
