import { countParams, type ParamsOf, type ParamTree, ShapeError } from '@od-vae/core';
import type { SpatialUpsample } from '@od-vae/layers';
import { tidy, type Tensor5D } from '@tensorflow/tfjs-core';

import { type BlockOptions, convolutions, pointwiseConvolutions } from './blocks.ts';
import { assertClip, assertLatents, assertParams } from './check-tensor.ts';
import type { OdVaeConfig } from './config.ts';
import { type DecoderParams, decoderSpec, decoderSteps } from './decoder.ts';
import { encoderSpec, encoderSteps } from './encoder.ts';
import { blockStep, checkpointedSteps, drain, runSteps, type Step } from './steps.ts';

/** Every weight of a model, by its place. */
export function odVaeSpec(config: OdVaeConfig) {
  const { quantConv, zChannels, latentChannels, doubleZ } = config;
  const factor = doubleZ ? 2 : 1;
  const pointwise = quantConv ? pointwiseConvolutions[quantConv] : undefined;
  return {
    encoder: encoderSpec(config),
    decoder: decoderSpec(config),
    quant: pointwise?.spec(factor * zChannels, factor * latentChannels),
    postQuant: pointwise?.spec(latentChannels, zChannels),
  };
}

/** The weights of a model. */
export type OdVaeParams = ParamsOf<ReturnType<typeof odVaeSpec>>;

/** Parameters of a model and its parts; nothing is allocated. */
export function countOdVaeParams(config: OdVaeConfig): {
  total: number;
  encoder: number;
  decoder: number;
  quant: number;
} {
  const { encoder, decoder, ...quant } = odVaeSpec(config);
  return {
    total: countParams({ encoder, decoder, ...quant }),
    encoder: countParams(encoder),
    decoder: countParams(decoder),
    quant: countParams(quant),
  };
}

/** Options of {@link encode}. */
export interface EncodeOptions {
  /**
   * For training in less memory: each block keeps its input alone for the backward pass and computes the rest again then.
   * Values and gradients are the same.
   */
  checkpointing?: boolean | undefined;
}

/** Options of {@link decode}. */
export interface DecodeOptions extends EncodeOptions {
  /**
   * How the space-time up-samplers enlarge an image. `'trilinear'` (the default) is what released checkpoints were trained
   * with; with `'nearest'` a tail-initialized model decodes an image exactly as its SD-VAE does.
   */
  spatialUpsample?: SpatialUpsample | undefined;
}

/**
 * Moments of the posterior of a clip: mean and log-variance, one behind the other on the channels.
 *
 * A clip of `4n + 1` frames gives `n + 1` latent frames of an eighth of height and width; other lengths lose the frames
 * after the last `4n + 1`.
 *
 * @param clip `[batch, time, height, width, 3]` in [-1, 1]
 * @returns `[batch, ceil(time / 4), height / 8, width / 8, 2 * latentChannels]`; the caller owns it
 */
export function encode(
  params: OdVaeParams,
  clip: Tensor5D,
  config: OdVaeConfig,
  options: EncodeOptions = {},
): Tensor5D {
  return tidy('encode', () => drain(encodeSteps(params, clip, config, options)));
}

/**
 * {@link encode} layer by layer, for callers that must not block: yields the part of the work done, in (0, 1].
 *
 * Ending the generator early frees everything.
 */
export function encodeSteps(
  params: OdVaeParams,
  clip: Tensor5D,
  config: OdVaeConfig,
  { checkpointing = false }: EncodeOptions = {},
): Generator<number, Tensor5D, undefined> {
  assertParams('encode', params);
  assertClip('encode', clip);
  const { space } = strides(config);
  const [, , height, width] = clip.shape;
  if (height < space || width < space) {
    throw new ShapeError(`encode: height and width must be at least ${space}, but the clip is [${clip.shape}].`);
  }
  const options = blockOptions(config);
  const steps = encoderSteps(params.encoder, config, options);
  if (config.quantConv) {
    steps.push(
      blockStep(pointwiseConvolutions[config.quantConv], params.quant, config.encoder.levels.length - 1, options),
    );
  }
  return runSteps(checkpointing ? checkpointedSteps(steps) : steps, clip);
}

/**
 * The clip that latents stand for: `n` latent frames give `4n - 3` frames.
 *
 * @param latents `[batch, time, height, width, latentChannels]`, not scaled
 * @returns `[batch, 4 * time - 3, 8 * height, 8 * width, 3]`, around [-1, 1] but unbounded; the caller owns it
 */
export function decode(
  params: OdVaeParams,
  latents: Tensor5D,
  config: OdVaeConfig,
  options: DecodeOptions = {},
): Tensor5D {
  return tidy('decode', () => drain(decodeSteps(params, latents, config, options)));
}

/** {@link decode} layer by layer, as {@link encodeSteps}. */
export function decodeSteps(
  params: OdVaeParams,
  latents: Tensor5D,
  config: OdVaeConfig,
  options: DecodeOptions = {},
): Generator<number, Tensor5D, undefined> {
  assertParams('decode', params);
  assertLatents('decode', latents, config.latentChannels);
  return runSteps(latentSteps(params, config, options), latents);
}

/**
 * All of {@link decode} but its last convolution, for losses that need that layer by itself.
 *
 * @returns `[batch, 4 * time - 3, 8 * height, 8 * width, channels]`, what {@link decodePixels} reads; the caller owns it
 */
export function decodeHidden(
  params: OdVaeParams,
  latents: Tensor5D,
  config: OdVaeConfig,
  options: DecodeOptions = {},
): Tensor5D {
  assertParams('decodeHidden', params);
  assertLatents('decodeHidden', latents, config.latentChannels);
  const steps = latentSteps(params, config, options).slice(0, -1);
  return tidy('decodeHidden', () => drain(runSteps(steps, latents)));
}

/**
 * The decoder's last convolution alone: `decodePixels(last, decodeHidden(…))` is {@link decode}.
 *
 * @param last `params.decoder.convOut`
 */
export function decodePixels(last: DecoderParams['convOut'], hidden: Tensor5D, config: OdVaeConfig): Tensor5D {
  return convolutions[config.decoder.convOut].run(last as ParamTree, hidden, blockOptions(config));
}

function latentSteps(
  params: OdVaeParams,
  config: OdVaeConfig,
  { spatialUpsample = 'trilinear', checkpointing = false }: DecodeOptions,
): Step[] {
  const options = { ...blockOptions(config), spatialUpsample };
  const steps = decoderSteps(params.decoder, config, options);
  if (config.quantConv) {
    const depth = config.decoder.levels.length - 1;
    steps.unshift(blockStep(pointwiseConvolutions[config.quantConv], params.postQuant, depth, options));
  }
  return checkpointing ? checkpointedSteps(steps) : steps;
}

/** How many frames and pixels (to a side) one latent stands for: 4 and 8 in every published model. */
export function strides({ encoder }: OdVaeConfig): { time: number; space: number } {
  const doublings = (halves: (level: (typeof encoder.levels)[number]) => number) =>
    2 ** encoder.levels.reduce((sum, level) => sum + halves(level), 0);
  return {
    space: doublings(({ spatial }) => (spatial ? 1 : 0)),
    time: doublings(
      ({ spatial, temporal }) => (spatial === 'Spatial2xTime2x3DDownsample' ? 1 : 0) + (temporal ? 1 : 0),
    ),
  };
}

function blockOptions({ normGroups }: OdVaeConfig): BlockOptions {
  return { groups: normGroups, spatialUpsample: 'trilinear' };
}
