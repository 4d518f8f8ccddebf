import type { Workspace } from '../workspace.ts';

/** A box of numbers that lies in one tensor and goes to another: its lengths, and for both sides where each axis leads. */
export interface Box {
  readonly lengths: readonly number[];
  readonly from: Side;
  readonly to: Side;
}

/** How a box lies in a tensor. */
export interface Side {
  /** Of its first number. */
  readonly offset: number;
  /** Numbers from one place of an axis to the next. */
  readonly steps: readonly number[];
}

/** Inputs of {@link copyBox}. */
export interface CopyArguments {
  /** Its last axis is copied in one go. */
  readonly box: Box;
  readonly x: Float32Array;
  readonly y: Float32Array;
}

/** Numbers of one job, about. */
const CHUNK = 2 ** 17;
/** Numbers in a row from which on the engine's own copy is quicker than a loop. */
const LONG = 32;

/** A box without axes of length one, and with axes that follow one another on both sides taken as one. */
export function mergeAxes({ lengths, from, to }: Box): Box {
  const merged = { lengths: [] as number[], from: [] as number[], to: [] as number[] };
  lengths.forEach((length, axis) => {
    if (length === 1) return;
    const [fromStep, toStep] = [from.steps[axis]!, to.steps[axis]!];
    const last = merged.lengths.length - 1;
    if (last >= 0 && merged.from[last] === length * fromStep && merged.to[last] === length * toStep) {
      merged.lengths[last]! *= length;
      merged.from[last] = fromStep;
      merged.to[last] = toStep;
    } else {
      merged.lengths.push(length);
      merged.from.push(fromStep);
      merged.to.push(toStep);
    }
  });
  if (merged.lengths.length === 0) return { lengths: [1], from: { ...from, steps: [1] }, to: { ...to, steps: [1] } };
  return {
    lengths: merged.lengths,
    from: { offset: from.offset, steps: merged.from },
    to: { offset: to.offset, steps: merged.to },
  };
}

/** Jobs that a box is copied in. */
export function copyJobs({ lengths }: Box): number {
  return Math.ceil(lineCount(lengths) / linesOfJob(lengths));
}

/** Copies some lines of a box. */
export function copyBox(_space: Workspace, { box, x, y }: CopyArguments, job: number): void {
  const { lengths, from, to } = box;
  const axes = lengths.length - 1;
  const length = lengths[axes]!;
  const [xStep, yStep] = [from.steps[axes]!, to.steps[axes]!];
  const lines = linesOfJob(lengths);
  const end = Math.min(lineCount(lengths), (job + 1) * lines);
  for (let line = job * lines; line < end; line++) {
    let [xAt, yAt, rest] = [from.offset, to.offset, line];
    for (let axis = axes - 1; axis >= 0; axis--) {
      const place = rest % lengths[axis]!;
      rest = (rest - place) / lengths[axis]!;
      xAt += place * from.steps[axis]!;
      yAt += place * to.steps[axis]!;
    }
    if (xStep === 1 && yStep === 1 && length >= LONG) y.set(x.subarray(xAt, xAt + length), yAt);
    else for (let i = 0; i < length; i++) y[yAt + i * yStep] = x[xAt + i * xStep]!;
  }
}

function lineCount(lengths: readonly number[]): number {
  return lengths.slice(0, -1).reduce((product, length) => product * length, 1);
}

function linesOfJob(lengths: readonly number[]): number {
  return Math.max(1, Math.floor(CHUNK / lengths.at(-1)!));
}
