import type { ParamsOf } from '@od-vae/core';
import { groupNormSpec } from '@od-vae/layers';

import { type BlockOptions, convolutions, spatialUpsamplers, temporalUpsamplers } from './blocks.ts';
import type { OdVaeConfig } from './config.ts';
import { PIXEL_CHANNELS } from './encoder.ts';
import { type Level, levelSpec, levelSteps } from './level.ts';
import { middleSpec, middleSteps } from './middle.ts';
import { blockStep, normStep, type Step } from './steps.ts';

/** Weights of the decoder; `levels[0]` is the outermost, which runs last. */
export function decoderSpec(config: OdVaeConfig) {
  const { decoder, zChannels } = config;
  const innermost = decoder.levels.at(-1)!.channels;
  const outermost = decoder.levels[0]!.channels;
  return {
    convIn: convolutions[decoder.convIn].spec(zChannels, innermost),
    middle: middleSpec(decoder, innermost),
    levels: decoderLevels(config).map(levelSpec),
    normOut: groupNormSpec(outermost),
    convOut: convolutions[decoder.convOut].spec(outermost, PIXEL_CHANNELS),
  };
}

/** Weights of the decoder. */
export type DecoderParams = ParamsOf<ReturnType<typeof decoderSpec>>;

/** What the decoder, after the quantization layer, does to latents: a clip `[batch, time, height, width, 3]` comes out. */
export function decoderSteps(params: DecoderParams, config: OdVaeConfig, options: BlockOptions): Step[] {
  const { decoder } = config;
  const levels = decoderLevels(config).map((level, index) => levelSteps(params.levels[index]!, level, index, options));
  const depth = levels.length - 1;
  return [
    blockStep(convolutions[decoder.convIn], params.convIn, depth, options),
    ...middleSteps(params.middle, decoder, depth, options),
    ...levels.toReversed().flat(),
    normStep(params.normOut, 0, options),
    blockStep(convolutions[decoder.convOut], params.convOut, 0, options),
  ];
}

function decoderLevels({ decoder, blocksPerLevel }: OdVaeConfig): Level[] {
  return decoder.levels.map((config, index) => ({
    config,
    inChannels: (decoder.levels[index + 1] ?? config).channels,
    blockCount: blocksPerLevel + 1,
    attention: decoder.attention,
    space: config.spatial ? spatialUpsamplers[config.spatial] : undefined,
    time: config.temporal ? temporalUpsamplers[config.temporal] : undefined,
  }));
}
