import type { Workspace } from '../workspace.ts';
import { panelCount } from './convolution-geometry.ts';
import { type Matrix, multiplyRows, readMatrix, takeProductScratch } from './matrix-product.ts';

/** Inputs of {@link matrixMultiplication}. */
export interface MultiplicationArguments {
  readonly layout: MultiplicationLayout;
  /** The first matrices of both batches; the next ones lie so many numbers further, 0 for one that all share. */
  readonly left: Matrix;
  readonly leftStep: number;
  readonly right: Matrix;
  readonly rightStep: number;
  /** `[batch, rows, columns]`. */
  readonly y: Float32Array;
}

/** Sizes of a product `[batch, rows, depth] * [batch, depth, columns]` and how it is cut into jobs. */
export interface MultiplicationLayout {
  readonly batch: number;
  readonly rows: number;
  readonly depth: number;
  readonly columns: number;
  /** Rows and columns of one job. */
  readonly jobRows: number;
  readonly jobColumns: number;
}

/** Rows of one job: enough that packing the right matrix costs little. */
const JOB_ROWS = 128;
/** Numbers of the left matrix that one job holds at most. */
const JOB_FLOATS = 2 ** 20;
/** Columns of one job where there are few rows. */
const JOB_COLUMNS = 128;

/** Cuts a product into jobs, which no result depends on. */
export function multiplicationLayout(
  sizes: Pick<MultiplicationLayout, 'batch' | 'rows' | 'depth' | 'columns'>,
): MultiplicationLayout {
  const jobRows = Math.max(1, Math.min(sizes.rows, JOB_ROWS, Math.floor(JOB_FLOATS / sizes.depth)));
  const jobColumns = sizes.rows > JOB_ROWS || sizes.batch > 1 ? sizes.columns : Math.min(sizes.columns, JOB_COLUMNS);
  return { ...sizes, jobRows, jobColumns };
}

/** Jobs of a product. */
export function multiplicationJobs({ batch, rows, columns, jobRows, jobColumns }: MultiplicationLayout): number {
  return batch * Math.ceil(rows / jobRows) * Math.ceil(columns / jobColumns);
}

/** Some rows and columns of one product. */
export function matrixMultiplication(space: Workspace, call: MultiplicationArguments, job: number): void {
  const { layout, left, right, y } = call;
  const { rows, depth, columns, jobRows, jobColumns } = layout;
  const across = Math.ceil(columns / jobColumns);
  const perMatrix = across * Math.ceil(rows / jobRows);
  const image = Math.floor(job / perMatrix);
  const row = Math.floor((job % perMatrix) / across) * jobRows;
  const column = (job % across) * jobColumns;
  const [height, width] = [Math.min(jobRows, rows - row), Math.min(jobColumns, columns - column)];
  const { block } = space;
  const blocks = Math.ceil(height / block.rows);
  const stored = panelCount(width, block.columns) * block.columns;
  const scratch = takeProductScratch(space, blocks);
  const from = { address: space.take(blocks * block.rows * depth), step: depth * 4 };
  const output = { address: space.take(blocks * block.rows * stored), step: stored * 4 };
  const begin = left.begin + image * call.leftStep + row * left.rowStep;
  readMatrix(space, from, { ...left, begin }, { rows: height, columns: depth });
  const part = { ...right, begin: right.begin + image * call.rightStep + column * right.columnStep };
  multiplyRows(space, { left: from, blocks, depth, right: part, columns: width, output }, scratch);
  for (let line = 0; line < height; line++) {
    const at = (output.address + line * output.step) / 4;
    y.set(space.floats.subarray(at, at + width), (image * rows + row + line) * columns + column);
  }
}
