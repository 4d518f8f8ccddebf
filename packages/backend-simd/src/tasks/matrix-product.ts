import type { Workspace } from '../workspace.ts';

/** A matrix outside scratch: the number at a row and column lies at `begin + row * rowStep + column * columnStep`. */
export interface Matrix {
  readonly values: Float32Array;
  readonly begin: number;
  readonly rowStep: number;
  readonly columnStep: number;
}

/** A matrix in scratch, whose rows lie `step` bytes apart. */
export interface ScratchMatrix {
  readonly address: number;
  readonly step: number;
}

/** Rows of the right matrix that are packed at once: one panel of them stays in the first cache. */
const DEPTH = 256;

/** Scratch of {@link multiplyRows} for so many rows of the left matrix. */
export interface ProductScratch {
  readonly table: number;
  readonly panel: number;
  readonly zeros: number;
}

/** Takes what {@link multiplyRows} needs; `blocks` blocks of the microkernel hold the rows of the left matrix. */
export function takeProductScratch(space: Workspace, blocks: number): ProductScratch {
  const { rows, columns } = space.block;
  const scratch = { table: space.take(blocks * rows), panel: space.take(DEPTH * columns), zeros: space.take(columns) };
  space.floats.fill(0, scratch.zeros / 4, scratch.zeros / 4 + columns);
  return scratch;
}

/** A product of matrices of which the right one is packed panel by panel. */
export interface Product {
  /** Whole blocks of rows, of which the last ones may hold anything. */
  readonly left: ScratchMatrix;
  readonly blocks: number;
  /** Columns of the left matrix and rows of the right one. */
  readonly depth: number;
  readonly right: Matrix;
  readonly columns: number;
  /** Whole panels of columns; those that only fill the last one are zero. */
  readonly output: ScratchMatrix;
}

/** `output = left * right`, summed in parts of so many products that no result depends on how rows are cut. */
export function multiplyRows(space: Workspace, product: Product, { table, panel, zeros }: ProductScratch): void {
  const { left, blocks, depth, right, columns, output } = product;
  for (let row = 0; row < blocks * space.block.rows; row++) {
    space.integers[table / 4 + row] = left.address + row * left.step;
  }
  for (let begin = 0; begin < depth; begin += DEPTH) {
    const count = Math.min(DEPTH, depth - begin);
    for (let column = 0; column < columns; column += space.block.columns) {
      packPanel(space, panel, right, { row: begin, rows: count, column, columns });
      const to = output.address + column * 4;
      const initial = begin === 0 ? ([zeros, 0] as const) : ([to, output.step] as const);
      space.run.gemm(table, begin * 4, blocks, 1, count, panel, ...initial, to, output.step);
    }
  }
}

function packPanel(
  { floats, block }: Workspace,
  panel: number,
  { values, begin, rowStep, columnStep }: Matrix,
  { row, rows, column, columns }: { row: number; rows: number; column: number; columns: number },
): void {
  const wanted = Math.min(block.columns, columns - column);
  const first = begin + row * rowStep + column * columnStep;
  let to = panel / 4;
  if (wanted < block.columns) floats.fill(0, to, to + rows * block.columns);
  for (let index = 0; index < rows; index++) {
    const from = first + index * rowStep;
    for (let c = 0; c < wanted; c++) floats[to + c] = values[from + c * columnStep]!;
    to += block.columns;
  }
}

/** Copies a part of a matrix into scratch, each number times a factor. */
export function readMatrix(
  { floats }: Workspace,
  { address, step }: ScratchMatrix,
  { values, begin, rowStep, columnStep }: Matrix,
  { rows, columns, factor = 1 }: { rows: number; columns: number; factor?: number },
): void {
  for (let row = 0; row < rows; row++) {
    const from = begin + row * rowStep;
    const to = (address + row * step) / 4;
    for (let column = 0; column < columns; column++) floats[to + column] = factor * values[from + column * columnStep]!;
  }
}
