import {
  add,
  mean,
  mul,
  reshape,
  rsqrt,
  sigmoid,
  square,
  sub,
  tidy,
  type Tensor1D,
  type Tensor4D,
  type Tensor5D,
} from '@tensorflow/tfjs-core';
import { biasParam, consume, defineKernel, type ParamsOf, scaleParam, ShapeError } from '@od-vae/core';

const EPSILON = 1e-6;

/** Weights of one group norm: scale and bias per channel. */
export function groupNormSpec(channels: number) {
  return { scale: scaleParam(channels), bias: biasParam(channels) };
}

/** Weights of one group norm. */
export type GroupNormParams = ParamsOf<ReturnType<typeof groupNormSpec>>;

/** Options of the group norms. */
export interface GroupNormOptions {
  /** Groups that the channels fall into; 32 in every published model. */
  groups?: number;
}

type NormInputs = { x: Tensor5D; scale: Tensor1D; bias: Tensor1D };
type NormAttrs = { groups: number; epsilon: number };

/**
 * Group normalization over time and space: each sample and group of channels to mean 0 and variance 1, then scaled.
 *
 * The statistics span the whole clip, so a later frame changes an earlier one; run it {@link perFrame} for SD-VAE's norm.
 *
 * @param x `[batch, time, height, width, channels]`
 * @throws ShapeError when the channels do not divide into the groups.
 */
export function groupNorm(params: GroupNormParams, x: Tensor5D, { groups = 32 }: GroupNormOptions = {}): Tensor5D {
  assertGroups('groupNorm', x, groups);
  return groupNormKernel({ x, ...params }, { groups, epsilon: EPSILON });
}

/** {@link groupNorm} followed by SiLU, `y * sigmoid(y)`: the pair that precedes every convolution of the model. */
export function groupNormSilu(params: GroupNormParams, x: Tensor5D, { groups = 32 }: GroupNormOptions = {}): Tensor5D {
  assertGroups('groupNormSilu', x, groups);
  return groupNormSiluKernel({ x, ...params }, { groups, epsilon: EPSILON });
}

function assertGroups(caller: string, x: Tensor5D, groups: number): void {
  if (x.shape[4] % groups !== 0) {
    throw new ShapeError(`${caller}: channels must be divisible by ${groups} groups, but x is [${x.shape}].`);
  }
}

const groupNormKernel = /* @__PURE__ */ defineKernel('GroupNorm', ['x', 'scale', 'bias'], groupNormReference, {
  GroupNormGrad: ['x', 'scale', 'bias'],
});

const groupNormSiluKernel = /* @__PURE__ */ defineKernel(
  'GroupNormSilu',
  ['x', 'scale', 'bias'],
  (inputs: NormInputs, attrs: NormAttrs): Tensor5D =>
    consume(groupNormReference(inputs, attrs), (normed) => tidy(() => mul(normed, sigmoid(normed)))),
  { GroupNormSiluGrad: ['x', 'scale', 'bias'] },
);

function groupNormReference({ x, scale, bias }: NormInputs, { groups, epsilon }: NormAttrs): Tensor5D {
  const [batch, time, height, width, channels] = x.shape;
  const perGroup: [number, number, number, number] = [1, 1, groups, channels / groups];
  // Each full-size intermediate is freed as soon as the next one stands.
  const centred = tidy(() => {
    const grouped: Tensor4D = reshape(x, [batch, time * height * width, groups, channels / groups]);
    return sub(grouped, mean(grouped, [1, 3], true));
  });
  const gain = tidy(() => {
    const variance = mean(square(centred), [1, 3], true);
    return mul(rsqrt(add(variance, epsilon)), reshape(scale, perGroup));
  });
  const scaled = consume(centred, (values) => mul(values, gain));
  gain.dispose();
  return consume(scaled, (values) => tidy(() => reshape(add(values, reshape(bias, perGroup)), x.shape)));
}
