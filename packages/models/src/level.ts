import type { ParamsOf } from '@od-vae/core';

import { attentionBlocks, type Block, type BlockOptions, resnetBlocks } from './blocks.ts';
import type { CoderConfig, LevelConfig } from './config.ts';
import { blockStep, type Step } from './steps.ts';

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

/** What a level computes, step by step; `depth` says how often space has been halved where its blocks run. */
export function levelSteps(params: LevelParams, level: Level, depth: number, options: BlockOptions): Step[] {
  const { config, attention, space, time } = level;
  const bind = (block: Block, weights: unknown) => blockStep(block, weights, depth, options);
  const steps = params.blocks.flatMap((weights, index) => {
    const step = bind(resnetBlocks[config.resnetBlock], weights);
    return config.attention ? [step, bind(attentionBlocks[attention], params.attentions[index])] : [step];
  });
  if (space) steps.push(bind(space, params.resampleSpace));
  if (time) steps.push(bind(time, params.resampleTime));
  return steps;
}
