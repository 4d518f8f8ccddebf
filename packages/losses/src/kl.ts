import { ShapeError } from '@od-vae/core';
import {
  add,
  clipByValue,
  exp,
  mul,
  reshape,
  type Scalar,
  slice,
  square,
  sub,
  sum,
  type Tensor2D,
  type Tensor5D,
  tidy,
} from '@tensorflow/tfjs-core';

const LOG_VARIANCE_RANGE = [-30, 20] as const;

/** What the sum over all latents is divided by. */
export type KlNormalizer = 'video' | 'frame' | 'element';

/**
 * Kullback-Leibler divergence of the posterior from the standard normal, `0.5 * sum(mean² + variance - 1 - logvar)`.
 *
 * The released code divides the sum by the number of videos, while its reconstruction term is divided by the number of
 * frames: `per: 'video'`, the default. `'frame'` divides by latent frames, `'element'` by all latents.
 *
 * @param moments mean and log-variance one behind the other on the channels, as the encoder gives them
 */
export function klDivergence(moments: Tensor5D, { per = 'video' }: { per?: KlNormalizer } = {}): Scalar {
  return tidy('klDivergence', () => {
    const { mean, logVariance } = splitMoments('klDivergence', moments);
    const terms = sub(add(square(mean), exp(logVariance)), add(logVariance, 1));
    const [batch, time] = moments.shape;
    const divisor = { video: batch, frame: batch * time, element: mean.size }[per];
    return mul(sum(terms), 0.5 / divisor) as Scalar;
  });
}

/**
 * Latents drawn from the posterior, `mean + exp(logvar / 2) * noise`, with gradients to the moments.
 *
 * @param noise standard normal numbers in the shape of the latents
 */
export function sampleLatents(moments: Tensor5D, noise: Tensor5D): Tensor5D {
  return tidy('sampleLatents', () => {
    const { mean, logVariance } = splitMoments('sampleLatents', moments);
    if (noise.size !== mean.size) {
      throw new ShapeError(`sampleLatents: the noise needs ${mean.size} values, but is [${noise.shape}].`);
    }
    const spread = mul(exp(mul(logVariance, 0.5)), reshape(noise, mean.shape));
    const [batch, time, height, width, channels] = moments.shape;
    return reshape(add(mean, spread), [batch, time, height, width, channels / 2]);
  });
}

function splitMoments(caller: string, moments: Tensor5D): { mean: Tensor2D; logVariance: Tensor2D } {
  const channels = moments.shape[4];
  if (channels % 2 !== 0) {
    throw new ShapeError(`${caller}: moments need an even number of channels, but are [${moments.shape}].`);
  }
  const rows: Tensor2D = reshape(moments, [moments.size / channels, channels]);
  const half = (index: number): Tensor2D => slice(rows, [0, (index * channels) / 2], [rows.shape[0], channels / 2]);
  return { mean: half(0), logVariance: clipByValue(half(1), ...LOG_VARIANCE_RANGE) };
}
