import type { Workspace } from '../workspace.ts';

/** Numbers that one job adds. */
export const ADDITION_CHUNK = 2 ** 18;
/** Numbers that are in scratch at once, so that they stay in the first cache. */
const PIECE = 2 ** 12;

/** Inputs of {@link addition}, arrays of one length. */
export interface AdditionArguments {
  readonly a: Float32Array;
  readonly b: Float32Array;
  readonly y: Float32Array;
}

/** Sum of two tensors of one shape, one chunk of it. */
export function addition(space: Workspace, { a, b, y }: AdditionArguments, job: number): void {
  const end = Math.min(y.length, (job + 1) * ADDITION_CHUNK);
  const [first, second] = [space.take(PIECE), space.take(PIECE)];
  const { floats, run } = space;
  for (let begin = job * ADDITION_CHUNK; begin < end; begin += PIECE) {
    const length = Math.min(PIECE, end - begin);
    floats.set(a.subarray(begin, begin + length), first / 4);
    floats.set(b.subarray(begin, begin + length), second / 4);
    run.sum(first, first, second, Math.ceil(length / 4));
    y.set(floats.subarray(first / 4, first / 4 + length), begin);
  }
}
