import type { Workspace } from '../workspace.ts';

/** How numbers `[outer, inner]` are reduced over the inner axis: the same for any number of threads. */
export interface ReductionLayout {
  readonly outer: number;
  readonly inner: number;
  /** Rows of one job, and parts that a long row is cut into. */
  readonly rows: number;
  readonly parts: number;
}

/** Inputs of {@link reduction}. */
export interface ReductionArguments {
  readonly layout: ReductionLayout;
  readonly op: 'sum' | 'max';
  readonly x: Float32Array;
  /** `[outer, parts]`. */
  readonly results: Float64Array;
}

/** Numbers of one job. */
const CHUNK = 2 ** 16;

/** Cuts a reduction into jobs. */
export function reductionLayout(outer: number, inner: number): ReductionLayout {
  return { outer, inner, rows: Math.max(1, Math.floor(CHUNK / inner)), parts: Math.ceil(inner / CHUNK) };
}

/** Jobs of a reduction. */
export function reductionJobs({ outer, rows, parts }: ReductionLayout): number {
  return Math.ceil(outer / rows) * parts;
}

/** Sums or largest numbers of some rows, or of one part of a row, in float64. */
export function reduction(_space: Workspace, { layout, op, x, results }: ReductionArguments, job: number): void {
  const { outer, inner, rows, parts } = layout;
  const first = Math.floor(job / parts) * rows;
  const part = job % parts;
  const [begin, end] = [Math.floor((part * inner) / parts), Math.floor(((part + 1) * inner) / parts)];
  const reduce = op === 'sum' ? sumOf : largestOf;
  for (let row = first; row < Math.min(outer, first + rows); row++) {
    results[row * parts + part] = reduce(x, row * inner + begin, row * inner + end);
  }
}

function sumOf(x: Float32Array, begin: number, end: number): number {
  let sum = 0;
  for (let i = begin; i < end; i++) sum += x[i]!;
  return sum;
}

function largestOf(x: Float32Array, begin: number, end: number): number {
  let largest = -Infinity;
  for (let i = begin; i < end; i++) largest = Math.max(largest, x[i]!);
  return largest;
}
