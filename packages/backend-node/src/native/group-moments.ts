import {
  add,
  mean,
  mul,
  neg,
  reshape,
  rsqrt,
  squaredDifference,
  type Tensor,
  type Tensor1D,
  type Tensor3D,
  type Tensor5D,
  tidy,
  tile,
} from '@tensorflow/tfjs-core';
import { consume } from '@od-vae/core';

/** Attributes of a group norm. */
export interface NormAttributes {
  readonly groups: number;
  readonly epsilon: number;
}

/** Statistics of each sample and group, for each channel: `[batch, 1, channels]`. */
export interface GroupMoments {
  readonly mean: Tensor3D;
  /** One over the standard deviation. */
  readonly inverseDeviation: Tensor3D;
}

/** A clip as `[batch, time * height * width, channels]`, over the middle of which TensorFlow sums quickest. */
export function rowsOf(x: Tensor5D): Tensor3D {
  const [batch, time, height, width, channels] = x.shape;
  return reshape(x, [batch, time * height * width, channels]);
}

/** Mean and deviation of each group; the variance is that of centred values, so that large means do no harm. */
export function groupMoments(rows: Tensor3D, { groups, epsilon }: NormAttributes): GroupMoments {
  const centre = groupMean(mean(rows, 1, true), groups);
  const squares = consume(squaredDifference(rows, centre) as Tensor, (squared) => mean(squared, 1, true));
  const variance = groupMean(squares as Tensor3D, groups);
  return { mean: centre, inverseDeviation: rsqrt(add(variance, epsilon)) };
}

/** Each channel's value replaced by the mean of its group's, `[batch, 1, channels]`. */
export function groupMean(values: Tensor3D, groups: number): Tensor3D {
  const [batch, , channels] = values.shape;
  return tidy(() => {
    const grouped = mean(reshape(values, [batch, groups, channels / groups]), 2, true);
    return reshape(tile(grouped, [1, 1, channels / groups]), [batch, 1, channels]);
  });
}

/** What a channel is multiplied by, and what is added then, to be normalized and scaled: `[batch, 1, channels]`. */
export function affineOf(moments: GroupMoments, scale: Tensor1D, bias: Tensor1D): { gain: Tensor3D; shift: Tensor3D } {
  const gain: Tensor3D = mul(moments.inverseDeviation, scale);
  return { gain, shift: add(bias, neg(mul(moments.mean, gain))) };
}
