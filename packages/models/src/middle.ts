import type { ParamsOf, ParamTree } from '@od-vae/core';

import { attentionBlocks, type BlockOptions, resnetBlocks } from './blocks.ts';
import type { CoderConfig } from './config.ts';
import type { Step } from './level.ts';

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
export function middleSteps(params: MiddleParams, coder: CoderConfig<unknown>, options: BlockOptions): Step[] {
  const block = resnetBlocks[coder.middleBlock];
  return [
    (x) => block.run(params.block1 as ParamTree, x, options),
    (x) => attentionBlocks[coder.attention].run(params.middleAttention as ParamTree, x, options),
    (x) => block.run(params.block2 as ParamTree, x, options),
  ];
}
