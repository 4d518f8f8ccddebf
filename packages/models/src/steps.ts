import { checkpointed, paramTensors, type ParamTree } from '@od-vae/core';
import { groupNormSilu, type GroupNormParams } from '@od-vae/layers';
import { type Tensor, type Tensor5D, tidy } from '@tensorflow/tfjs-core';

import type { Block, BlockOptions } from './blocks.ts';

/** One step of a model: a clip in, a clip out. */
export interface Step {
  /** Rough share of the work, in any unit: multiplications per pixel of the whole clip. */
  readonly cost: number;
  readonly weights: readonly Tensor[];
  /** @param ownsInput whether the step may free `x`, once it has read it */
  run(x: Tensor5D, ownsInput?: boolean): Tensor5D;
}

/** A block with its weights as a step, run where space has been halved `depth` times. */
export function blockStep(block: Block, params: unknown, depth: number, options: BlockOptions): Step {
  const tree = params as ParamTree;
  return weighed(tree, depth, (x, ownsInput) => block.run(tree, x, { ...options, ownsInput }));
}

/** The norm before the last convolution as a step. */
export function normStep(params: GroupNormParams, depth: number, options: BlockOptions): Step {
  return weighed(params, depth, (x) => groupNormSilu(params, x, options));
}

function weighed(params: ParamTree, depth: number, run: Step['run']): Step {
  const weights = paramTensors(params);
  return { cost: weights.reduce((sum, { size }) => sum + size, 0) / 4 ** depth, weights, run };
}

/** The same steps, each of which computes itself again in the backward pass instead of keeping what it made. */
export function checkpointedSteps(steps: readonly Step[]): Step[] {
  return steps.map((step) => ({ ...step, run: checkpointed((x: Tensor5D) => step.run(x), step.weights) }));
}

/**
 * Runs steps one after the other, frees what lies between them, and yields the part of the work that is done after each.
 *
 * A caller that stops early ends the generator, which frees what it holds; the result is the caller's.
 */
export function* runSteps(steps: readonly Step[], x: Tensor5D): Generator<number, Tensor5D, undefined> {
  const total = steps.reduce((sum, { cost }) => sum + cost, 0);
  let done = 0;
  let current = x;
  try {
    for (const step of steps) {
      const previous = current;
      current = tidy(() => step.run(previous, previous !== x));
      if (previous !== x) previous.dispose();
      done += step.cost;
      yield done / total;
    }
    const result = current === x ? x.clone() : current;
    current = x;
    return result;
  } finally {
    if (current !== x) current.dispose();
  }
}

/** The result of a generator that is run to its end at once. */
export function drain<Result>(steps: Generator<unknown, Result, undefined>): Result {
  let step = steps.next();
  while (!step.done) step = steps.next();
  return step.value;
}
