import {
  add,
  mean,
  mul,
  reshape,
  rsqrt,
  square,
  sub,
  type Tensor1D,
  type Tensor2D,
  type Tensor5D,
  tidy,
} from '@tensorflow/tfjs-core';

const EPSILON = 1e-5;

/** Mean and variance of each channel over a batch; the variance is that of the sample, divided by `count - 1`. */
export interface BatchStatistics {
  readonly mean: Tensor1D;
  readonly variance: Tensor1D;
}

/**
 * Batch normalization in training: each channel to mean 0 and variance 1 over all samples, frames and pixels, then scaled.
 *
 * @param onStatistics called with what running averages are made of; valid inside the call
 */
export function batchNorm(
  { scale, bias }: { scale: Tensor1D; bias: Tensor1D },
  x: Tensor5D,
  onStatistics?: (statistics: BatchStatistics) => void,
): Tensor5D {
  return tidy('batchNorm', () => {
    const channels = x.shape[4];
    const rows: Tensor2D = reshape(x, [x.size / channels, channels]);
    const average = mean<Tensor1D>(rows, 0);
    const centred = sub(rows, average);
    const variance = mean<Tensor1D>(square(centred), 0);
    const count = rows.shape[0];
    onStatistics?.({ mean: average, variance: mul(variance, count / Math.max(1, count - 1)) });
    return reshape(add(mul(centred, mul(rsqrt(add(variance, EPSILON)), scale)), bias), x.shape);
  });
}
