import type { ParamsOf, ParamTree } from '@od-vae/core';
import { groupNormSilu, groupNormSpec } from '@od-vae/layers';
import type { Tensor5D } from '@tensorflow/tfjs-core';

import { type BlockOptions, convolutions, spatialUpsamplers, temporalUpsamplers } from './blocks.ts';
import type { OdVaeConfig } from './config.ts';
import { PIXEL_CHANNELS } from './encoder.ts';
import { type Level, levelSpec, levelSteps, runSteps, type Step } from './level.ts';
import { middleSpec, middleSteps } from './middle.ts';

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

/** What the decoder, after the quantization layer, makes of latents: a clip `[batch, time, height, width, 3]`, unbounded. */
export function runDecoder(
  params: DecoderParams,
  latents: Tensor5D,
  config: OdVaeConfig,
  options: BlockOptions,
): Tensor5D {
  const { decoder } = config;
  const levels = decoderLevels(config).map((level, index) => levelSteps(params.levels[index]!, level, options));
  const steps: Step[] = [
    (x) => convolutions[decoder.convIn].run(params.convIn as ParamTree, x, options),
    ...middleSteps(params.middle, decoder, options),
    ...levels.reverse().flat(),
    (x) => groupNormSilu(params.normOut, x, options),
    (x) => convolutions[decoder.convOut].run(params.convOut as ParamTree, x, options),
  ];
  return runSteps(steps, latents);
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
