import { countParams, type ParamsOf, type ParamTree, ShapeError } from '@od-vae/core';
import type { SpatialUpsample } from '@od-vae/layers';
import { tidy, type Tensor5D } from '@tensorflow/tfjs-core';

import { type BlockOptions, pointwiseConvolutions } from './blocks.ts';
import type { OdVaeConfig } from './config.ts';
import { decoderSpec, runDecoder } from './decoder.ts';
import { encoderSpec, PIXEL_CHANNELS, runEncoder } from './encoder.ts';

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

/** Options of {@link decode}. */
export interface DecodeOptions {
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
export function encode(params: OdVaeParams, clip: Tensor5D, config: OdVaeConfig): Tensor5D {
  assertChannels('encode', clip, PIXEL_CHANNELS);
  const factor = strides(config).space;
  const [, , height, width] = clip.shape;
  if (height < factor || width < factor) {
    throw new ShapeError(`encode: height and width must be at least ${factor}, but the clip is [${clip.shape}].`);
  }
  const options = blockOptions(config);
  return tidy('encode', () => {
    const hidden = runEncoder(params.encoder, clip, config, options);
    if (!config.quantConv) return hidden;
    return pointwiseConvolutions[config.quantConv].run(params.quant as ParamTree, hidden, options);
  });
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
  { spatialUpsample = 'trilinear' }: DecodeOptions = {},
): Tensor5D {
  assertChannels('decode', latents, config.latentChannels);
  const options = { ...blockOptions(config), spatialUpsample };
  return tidy('decode', () => {
    const hidden = config.quantConv
      ? pointwiseConvolutions[config.quantConv].run(params.postQuant as ParamTree, latents, options)
      : latents;
    return runDecoder(params.decoder, hidden, config, options);
  });
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

function assertChannels(caller: string, x: Tensor5D, channels: number): void {
  if (x.rank !== 5 || x.shape[4] !== channels) {
    throw new ShapeError(
      `${caller}: needs [batch, time, height, width, ${channels}], but the ${caller === 'encode' ? 'clip is' : 'latents are'} [${x.shape}].`,
    );
  }
}
