import type { ParamsOf, ParamTree } from '@od-vae/core';
import { groupNormSilu, groupNormSpec } from '@od-vae/layers';
import type { Tensor5D } from '@tensorflow/tfjs-core';

import { type BlockOptions, convolutions, spatialDownsamplers, temporalDownsamplers } from './blocks.ts';
import type { OdVaeConfig } from './config.ts';
import { type Level, levelSpec, levelSteps, runSteps, type Step } from './level.ts';
import { middleSpec, middleSteps } from './middle.ts';

/** Channels of a clip: red, green, blue. */
export const PIXEL_CHANNELS = 3;

/** Weights of the encoder. */
export function encoderSpec(config: OdVaeConfig) {
  const { encoder, hiddenSize, zChannels, doubleZ } = config;
  const innermost = encoder.levels.at(-1)!.channels;
  return {
    convIn: convolutions[encoder.convIn].spec(PIXEL_CHANNELS, hiddenSize),
    levels: encoderLevels(config).map(levelSpec),
    middle: middleSpec(encoder, innermost),
    normOut: groupNormSpec(innermost),
    convOut: convolutions[encoder.convOut].spec(innermost, doubleZ ? 2 * zChannels : zChannels),
  };
}

/** Weights of the encoder. */
export type EncoderParams = ParamsOf<ReturnType<typeof encoderSpec>>;

/** What the encoder, without the quantization layer, makes of a clip: `[batch, t, h, w, 2 * zChannels]`. */
export function runEncoder(
  params: EncoderParams,
  clip: Tensor5D,
  config: OdVaeConfig,
  options: BlockOptions,
): Tensor5D {
  const { encoder } = config;
  const steps: Step[] = [
    (x) => convolutions[encoder.convIn].run(params.convIn as ParamTree, x, options),
    ...encoderLevels(config).flatMap((level, index) => levelSteps(params.levels[index]!, level, options)),
    ...middleSteps(params.middle, encoder, options),
    (x) => groupNormSilu(params.normOut, x, options),
    (x) => convolutions[encoder.convOut].run(params.convOut as ParamTree, x, options),
  ];
  return runSteps(steps, clip);
}

function encoderLevels({ encoder, hiddenSize, blocksPerLevel }: OdVaeConfig): Level[] {
  return encoder.levels.map((config, index) => ({
    config,
    inChannels: index === 0 ? hiddenSize : encoder.levels[index - 1]!.channels,
    blockCount: blocksPerLevel,
    attention: encoder.attention,
    space: config.spatial ? spatialDownsamplers[config.spatial] : undefined,
    time: config.temporal ? temporalDownsamplers[config.temporal] : undefined,
  }));
}
