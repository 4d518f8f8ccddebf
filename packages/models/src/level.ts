import type { ParamsOf, ParamTree } from '@od-vae/core';
import type { Tensor5D } from '@tensorflow/tfjs-core';

import { attentionBlocks, type Block, type BlockOptions, resnetBlocks } from './blocks.ts';
import type { CoderConfig, LevelConfig } from './config.ts';

/** One step of a model: a clip in, a clip out. */
export type Step = (x: Tensor5D) => Tensor5D;

/** A level with the samplers that its config names, if any. */
export interface Level {
  readonly config: LevelConfig<string, string>;
  readonly inChannels: number;
  /** Residual blocks, each followed by attention where the config asks for it. */
  readonly blockCount: number;
  readonly attention: CoderConfig<unknown>['attention'];
  readonly space: Block | undefined;
  readonly time: Block | undefined;
}

/** Weights of a level: blocks, their attentions, and what resamples after them. */
export function levelSpec({ config, inChannels, blockCount, attention, space, time }: Level) {
  const { channels } = config;
  const block = resnetBlocks[config.resnetBlock];
  const attend = attentionBlocks[attention];
  return {
    blocks: Array.from({ length: blockCount }, (_, index) => block.spec(index === 0 ? inChannels : channels, channels)),
    attentions: Array.from({ length: config.attention ? blockCount : 0 }, () => attend.spec(channels, channels)),
    resampleSpace: space?.spec(channels, channels),
    resampleTime: time?.spec(channels, channels),
  };
}

/** Weights of a level. */
export type LevelParams = ParamsOf<ReturnType<typeof levelSpec>>;

/** What a level computes, step by step. */
export function levelSteps(params: LevelParams, level: Level, options: BlockOptions): Step[] {
  const bind = (block: Block, weights: unknown): Step => {
    return (x) => block.run(weights as ParamTree, x, options);
  };
  const steps = params.blocks.flatMap((weights, index) => {
    const step = bind(resnetBlocks[level.config.resnetBlock], weights);
    return level.config.attention ? [step, bind(attentionBlocks[level.attention], params.attentions[index])] : [step];
  });
  if (level.space) steps.push(bind(level.space, params.resampleSpace));
  if (level.time) steps.push(bind(level.time, params.resampleTime));
  return steps;
}

/** Runs steps one after the other and frees what lies between them. */
export function runSteps(steps: readonly Step[], x: Tensor5D): Tensor5D {
  let current = x;
  for (const step of steps) {
    const next = step(current);
    if (current !== x) current.dispose();
    current = next;
  }
  return current;
}
