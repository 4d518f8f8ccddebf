import {
  biasParam,
  constant,
  type Fill,
  foldTime,
  normalSource,
  param,
  type ParamsOf,
  type ParamSpec,
  ShapeError,
  unfoldTime,
  uniform,
} from '@od-vae/core';
import type { Triple } from '@od-vae/layers';
import { add, mul, relu, type Tensor1D, type Tensor5D, tidy } from '@tensorflow/tfjs-core';

import { batchNorm, type BatchStatistics } from './batch-norm.ts';
import { zeroPaddedConv3d } from './zero-padded-conv3d.ts';

const SLOPE = 0.2;
const INITIAL_DEVIATION = 0.02;

/** Shape of a patch discriminator. */
export interface DiscriminatorConfig {
  /** 3 judges clips, as OD-VAE was trained; 2 judges each frame alone, as release v1.0 was. */
  readonly dimensions: 2 | 3;
  /** Channels after the first convolution; doubled by each layer up to eight times as many. */
  readonly channels: number;
  /** Layers between the first and the last two. */
  readonly layers: number;
}

/** The discriminator of the paper's recipe: 3D, 64 channels, 3 layers; 4,665,729 parameters. */
export const defaultDiscriminator: DiscriminatorConfig = { dimensions: 3, channels: 64, layers: 3 };

/** Trainable weights of a discriminator, under the names of PyTorch's `discriminator` module. */
export function discriminatorSpec({ dimensions, channels, layers }: DiscriminatorConfig) {
  const width = (layer: number) => channels * Math.min(2 ** layer, 8);
  const size: Triple = dimensions === 3 ? [3, 3, 3] : [1, 4, 4];
  const conv = (index: number, inChannels: number, outChannels: number) => ({
    weight: param<Tensor5D>([...size, inChannels, outChannels], `main.${index}.weight`, {
      layout: dimensions === 3 ? 'conv3d' : 'conv2d',
      fill: normal(0),
    }),
    bias: undefined as ParamSpec<Tensor1D> | undefined,
  });
  const biased = (index: number, inChannels: number, outChannels: number) => ({
    ...conv(index, inChannels, outChannels),
    bias: biasParam(
      outChannels,
      `main.${index}.bias`,
      uniform(1 / Math.sqrt(size[0] * size[1] * size[2] * inChannels)),
    ),
  });
  return {
    first: biased(0, 3, channels),
    middle: Array.from({ length: layers }, (_, index) => ({
      conv: conv(3 * index + 2, width(index), width(index + 1)),
      norm: {
        scale: param<Tensor1D>([width(index + 1)], `main.${3 * index + 3}.weight`, { fill: normal(1) }),
        bias: biasParam(width(index + 1), `main.${3 * index + 3}.bias`),
      },
    })),
    last: biased(3 * layers + 2, width(layers), 1),
  };
}

/** Trainable weights of a discriminator. */
export type DiscriminatorParams = ParamsOf<ReturnType<typeof discriminatorSpec>>;

/** Running averages of a discriminator's batch norms: kept for its files, read by nothing in training. */
export function discriminatorStatisticsSpec({ channels, layers }: DiscriminatorConfig) {
  return Array.from({ length: layers }, (_, index) => {
    const width = channels * Math.min(2 ** (index + 1), 8);
    const name = `main.${3 * index + 3}`;
    return {
      mean: biasParam(width, `${name}.running_mean`),
      variance: param<Tensor1D>([width], `${name}.running_var`, { fill: constant(1) }),
    };
  });
}

/** Options of {@link patchDiscriminator}. */
export interface PatchDiscriminatorOptions {
  readonly config: DiscriminatorConfig;
  /** Called with the statistics of each norm, from the first on; they are valid inside the call. */
  readonly onStatistics?: ((layer: number, statistics: BatchStatistics) => void) | undefined;
}

/**
 * How real each patch of a clip looks, as logits `[batch, t, h, w, 1]`: positive for real ones.
 *
 * Its batch norms take the statistics of this very batch, as in training, so real and rebuilt clips are judged apart.
 *
 * @param clip `[batch, time, height, width, 3]` in [-1, 1]
 * @throws ShapeError when the clip is too small for the last convolutions
 */
export function patchDiscriminator(
  params: DiscriminatorParams,
  clip: Tensor5D,
  { config, onStatistics }: PatchDiscriminatorOptions,
): Tensor5D {
  const { dimensions, layers } = config;
  assertLargeEnough(clip, config);
  const padding: Triple = dimensions === 3 ? [1, 1, 1] : [0, 1, 1];
  const stride = (index: number): Triple => {
    if (index >= layers) return [1, 1, 1];
    return [dimensions === 3 && index < 2 ? 2 : 1, 2, 2];
  };
  return tidy('patchDiscriminator', () => {
    let x = leaky(zeroPaddedConv3d(params.first, clip, { strides: stride(0), padding }));
    for (const [index, { conv, norm }] of params.middle.entries()) {
      const convolved = zeroPaddedConv3d(conv, x, { strides: stride(index + 1), padding });
      x = leaky(batchNorm(norm, convolved, (statistics) => onStatistics?.(index, statistics)));
    }
    return zeroPaddedConv3d(params.last, x, { strides: [1, 1, 1], padding });
  });
}

/** Leaky ReLU as a sum: the gradient of TensorFlow.js's own takes a mask, which is slow on every CPU backend. */
function leaky(x: Tensor5D): Tensor5D {
  const frames = foldTime(x);
  return unfoldTime(add(mul(relu(frames), 1 - SLOPE), mul(frames, SLOPE)), x.shape[0]);
}

/** A 2D discriminator's kernels of four take one pixel of each of the last two layers. */
function assertLargeEnough(clip: Tensor5D, { dimensions, layers }: DiscriminatorConfig): void {
  const [, , height, width, channels] = clip.shape;
  const least = dimensions === 3 ? 1 : 3 * 2 ** layers;
  if (clip.rank !== 5 || channels !== 3 || height < least || width < least) {
    throw new ShapeError(
      `patchDiscriminator: needs [batch, time, height, width, 3] of at least ${least} px, but the clip is [${clip.shape}].`,
    );
  }
}

/** Normal numbers around `mean`, as the authors initialize. */
function normal(mean: number): Fill {
  return (length, random) => {
    const next = normalSource(Math.floor(random() * 2 ** 32));
    return Float32Array.from({ length }, () => mean + INITIAL_DEVIATION * next());
  };
}
