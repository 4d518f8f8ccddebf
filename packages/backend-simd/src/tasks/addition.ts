import type { Workspace } from '../workspace.ts';

/** Numbers that one job adds. */
export const ADDITION_CHUNK = 2 ** 18;

/** Inputs of {@link addition}, arrays of one length. */
export interface AdditionArguments {
  readonly a: Float32Array;
  readonly b: Float32Array;
  readonly y: Float32Array;
}

/** Sum of two tensors of one shape, one chunk of it; bound by memory, so plain JavaScript is as quick as any. */
export function addition(_space: Workspace, { a, b, y }: AdditionArguments, job: number): void {
  const end = Math.min(y.length, (job + 1) * ADDITION_CHUNK);
  for (let i = job * ADDITION_CHUNK; i < end; i++) y[i] = a[i]! + b[i]!;
}
