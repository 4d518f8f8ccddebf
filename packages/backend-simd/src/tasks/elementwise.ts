import type { ElementwiseOp } from '../code/elementwise.ts';
import type { Workspace } from '../workspace.ts';

/** Numbers of one job. */
export const ELEMENTWISE_CHUNK = 2 ** 18;
/** Numbers that are in scratch at once, so that they stay in the first cache. */
const PIECE = 2 ** 12;

/** How an operand lies along the output: number `i` of the output reads `floor(i / repeat) % period`. */
export interface Operand {
  readonly values: Float32Array;
  readonly repeat: number;
  readonly period: number;
}

/** Inputs of {@link elementwise}. */
export interface ElementwiseArguments {
  readonly op: ElementwiseOp;
  readonly a: Operand;
  readonly b: Operand | undefined;
  readonly alpha: number;
  readonly y: Float32Array;
}

/** One op on a chunk of numbers. */
export function elementwise(space: Workspace, { op, a, b, alpha, y }: ElementwiseArguments, job: number): void {
  const [left, right] = [space.take(PIECE), space.take(PIECE)];
  const end = Math.min(y.length, (job + 1) * ELEMENTWISE_CHUNK);
  for (let begin = job * ELEMENTWISE_CHUNK; begin < end; begin += PIECE) {
    const count = Math.min(PIECE, end - begin);
    readOperand(space.floats, left / 4, a, begin, count);
    if (b) readOperand(space.floats, right / 4, b, begin, count);
    space.run[op](left, right, left, Math.ceil(count / 4), alpha);
    y.set(space.floats.subarray(left / 4, left / 4 + count), begin);
  }
}

function readOperand(
  floats: Float32Array,
  to: number,
  { values, repeat, period }: Operand,
  begin: number,
  count: number,
): void {
  if (repeat > 1) {
    for (let done = 0; done < count;) {
      const at = begin + done;
      const length = Math.min(count - done, repeat - (at % repeat));
      floats.fill(values[Math.floor(at / repeat) % period]!, to + done, to + done + length);
      done += length;
    }
    return;
  }
  const first = begin % period;
  const head = Math.min(count, period - first);
  floats.set(values.subarray(first, first + head), to);
  if (head === count) return;
  const tail = Math.min(first, count - head);
  floats.set(values.subarray(0, tail), to + head);
  // From here on the output repeats itself.
  for (let done = head + tail; done < count;) {
    const length = Math.min(done, count - done);
    floats.copyWithin(to + done, to, to + length);
    done += length;
  }
}
