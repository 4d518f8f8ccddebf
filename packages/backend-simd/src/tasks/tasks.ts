import { collectGarbage } from '../engine-flags.ts';
import type { Workspace } from '../workspace.ts';
import { attention } from './attention.ts';
import { attentionGradient } from './attention-gradient.ts';
import { copyBox } from './copy-box.ts';
import { directConvolution } from './direct-convolution.ts';
import { elementwise } from './elementwise.ts';
import { collectFilter, filterGradient } from './filter-gradient.ts';
import { matrixMultiplication } from './matrix-multiplication.ts';
import { normGradient, normSums } from './norm-gradient.ts';
import { groupMoments, scaleChannels } from './normalization.ts';
import { adamStep, movingAverage } from './optimizer.ts';
import { pool, poolGradient } from './pooling.ts';
import { reduction } from './reduction.ts';
import { shrink } from './shrink.ts';
import { spreadPixels } from './spread-pixels.ts';
import { turnWeights } from './turn-weights.ts';
import { winogradConvolution } from './winograd-convolution.ts';
import { winogradFilter } from './winograd-filter.ts';

/** All work that threads share, by name: each computes one job of a call from inputs that all threads see. */
const TASKS = {
  adamStep,
  attention,
  attentionGradient,
  collectFilter,
  /** Has no jobs: each thread that hears of it collects its garbage. */
  collection: (_space: Workspace, _inputs: object) => {},
  copyBox,
  directConvolution,
  elementwise,
  filterGradient,
  groupMoments,
  matrixMultiplication,
  movingAverage,
  normGradient,
  normSums,
  pool,
  poolGradient,
  reduction,
  scaleChannels,
  shrink,
  spreadPixels,
  turnWeights,
  winogradConvolution,
  winogradFilter,
} as const;

/** Name of a task. */
export type TaskName = keyof typeof TASKS;

/** Inputs of a task. */
export type TaskArguments<Name extends TaskName> = Parameters<(typeof TASKS)[Name]>[1];

/** A call that a worker takes part in. */
export interface Call {
  readonly name: TaskName;
  readonly inputs: TaskArguments<TaskName>;
  readonly jobs: number;
  /** Shared: the next job to take, the jobs that are done. */
  readonly counters: Int32Array;
}

/** Places in {@link Call.counters}. */
export const COUNTER = { next: 0, done: 1 } as const;

/** Takes jobs of a call until there are none left. */
export function takeJobs(space: Workspace, { name, inputs, jobs, counters }: Call): void {
  if (name === 'collection') collectGarbage();
  const task = TASKS[name] as (space: Workspace, inputs: unknown, job: number) => void;
  space.kept = '';
  for (;;) {
    const job = Atomics.add(counters, COUNTER.next, 1);
    if (job >= jobs) return;
    space.begin();
    task(space, inputs, job);
    Atomics.add(counters, COUNTER.done, 1);
    Atomics.notify(counters, COUNTER.done);
  }
}
