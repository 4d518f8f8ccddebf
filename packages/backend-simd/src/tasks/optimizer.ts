import { ADAM_CONSTANTS } from '../code/adam.ts';
import type { Workspace } from '../workspace.ts';

/** Numbers of one job. */
export const OPTIMIZER_CHUNK = 2 ** 16;
/** Numbers that are in scratch at once. */
const PIECE = 2 ** 11;

/** Inputs of {@link adamStep}: a weight, its gradient and means, and the three that are new. */
export interface AdamArguments {
  /** As `adamStep` of the generated code reads them. */
  readonly constants: readonly number[];
  readonly before: readonly Float32Array[];
  readonly after: readonly Float32Array[];
}

/** Inputs of {@link movingAverage}. */
export interface AverageArguments {
  readonly decay: number;
  readonly average: Float32Array;
  readonly value: Float32Array;
  readonly y: Float32Array;
}

/** One step of Adam for a chunk of a weight. */
export function adamStep(space: Workspace, { constants, before, after }: AdamArguments, job: number): void {
  const given = space.take(ADAM_CONSTANTS);
  const [param, gradient, mean, square] = [0, 1, 2, 3].map(() => space.take(PIECE)) as [number, number, number, number];
  space.floats.set(constants, given / 4);
  const end = Math.min(before[0]!.length, (job + 1) * OPTIMIZER_CHUNK);
  for (let begin = job * OPTIMIZER_CHUNK; begin < end; begin += PIECE) {
    const stop = Math.min(end, begin + PIECE);
    [param, gradient, mean, square].forEach((address, index) => {
      space.floats.set(before[index]!.subarray(begin, stop), address / 4);
    });
    space.run.adamStep(param, gradient, mean, square, Math.ceil((stop - begin) / 4), given);
    [param, mean, square].forEach((address, index) => {
      after[index]!.set(space.floats.subarray(address / 4, address / 4 + stop - begin), begin);
    });
  }
}

/** `decay * average + (1 - decay) * value` for a chunk of a weight. */
export function movingAverage(_space: Workspace, { decay, average, value, y }: AverageArguments, job: number): void {
  const end = Math.min(y.length, (job + 1) * OPTIMIZER_CHUNK);
  for (let i = job * OPTIMIZER_CHUNK; i < end; i++) y[i] = decay * average[i]! + (1 - decay) * value[i]!;
}
