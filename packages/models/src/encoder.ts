import type { ParamsOf } from '@od-vae/core';
import { groupNormSpec } from '@od-vae/layers';

import { type BlockOptions, convolutions, spatialDownsamplers, temporalDownsamplers } from './blocks.ts';
import type { OdVaeConfig } from './config.ts';
import { type Level, levelSpec, levelSteps } from './level.ts';
import { middleSpec, middleSteps } from './middle.ts';
import { blockStep, normStep, type Step } from './steps.ts';

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

/** What the encoder, without the quantization layer, does to a clip: `[batch, t, h, w, 2 * zChannels]` come out. */
export function encoderSteps(params: EncoderParams, config: OdVaeConfig, options: BlockOptions): Step[] {
  const { encoder } = config;
  const levels = encoderLevels(config);
  const depth = levels.length - 1;
  return [
    blockStep(convolutions[encoder.convIn], params.convIn, 0, options),
    ...levels.flatMap((level, index) => levelSteps(params.levels[index]!, level, index, options)),
    ...middleSteps(params.middle, encoder, depth, options),
    normStep(params.normOut, depth, options),
    blockStep(convolutions[encoder.convOut], params.convOut, depth, options),
  ];
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
