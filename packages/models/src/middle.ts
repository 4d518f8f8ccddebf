import type { ParamsOf } from '@od-vae/core';

import { attentionBlocks, type BlockOptions, resnetBlocks } from './blocks.ts';
import type { CoderConfig } from './config.ts';
import { blockStep, type Step } from './steps.ts';

/** Weights of the part between encoder levels and latents, and between latents and decoder levels. */
export function middleSpec({ middleBlock, attention }: CoderConfig<unknown>, channels: number) {
  return {
    block1: resnetBlocks[middleBlock].spec(channels, channels),
    middleAttention: attentionBlocks[attention].spec(channels, channels),
    block2: resnetBlocks[middleBlock].spec(channels, channels),
  };
}

/** Weights of the middle. */
export type MiddleParams = ParamsOf<ReturnType<typeof middleSpec>>;

/** Residual block, attention, residual block. */
export function middleSteps(
  params: MiddleParams,
  coder: CoderConfig<unknown>,
  depth: number,
  options: BlockOptions,
): Step[] {
  const block = resnetBlocks[coder.middleBlock];
  return [
    blockStep(block, params.block1, depth, options),
    blockStep(attentionBlocks[coder.attention], params.middleAttention, depth, options),
    blockStep(block, params.block2, depth, options),
  ];
}
