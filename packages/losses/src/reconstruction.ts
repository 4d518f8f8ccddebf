import { ShapeError } from '@od-vae/core';
import {
  add,
  log,
  mul,
  reshape,
  type Scalar,
  square,
  sub,
  sum,
  type Tensor1D,
  type Tensor4D,
  tidy,
} from '@tensorflow/tfjs-core';

import { absoluteDifference } from './absolute-difference.ts';
import { lpipsFeatures } from './lpips/features.ts';
import { featureDistance } from './lpips/lpips.ts';
import type { LpipsParams } from './lpips/lpips-spec.ts';
import type { LpipsNetwork } from './lpips/networks.ts';

/**
 * How pixels are compared: absolutely (the paper's recipe), squared, or by the logarithm of each frame's mean square, which
 * is minus its PSNR: then a frame that is easy to rebuild counts as much as a hard one.
 */
export type PixelError = 'l1' | 'l2' | 'psnr';

/** Keeps the logarithm of a frame that is rebuilt without error finite: 86 dB. */
const LEAST_SQUARE = 1e-8;

/** The perceptual part of a reconstruction loss. */
export interface PerceptualTerm {
  readonly params: LpipsParams;
  readonly network: LpipsNetwork;
  /** 1 in the paper's recipe. */
  readonly weight: number;
}

/** Options of {@link reconstructionLoss}. */
export interface ReconstructionOptions {
  readonly pixelError?: PixelError | undefined;
  /** Without it, pixels alone count. */
  readonly perceptual?: PerceptualTerm | undefined;
  /** Logarithm of the variance that errors are measured by; 0, and not learned, in every release. */
  readonly logVariance?: number | undefined;
}

/** What a reconstruction costs: scalars. */
export type ReconstructionTerms = {
  /** Negative log-likelihood: the sum over pixels and channels of a frame, averaged over frames. */
  readonly nll: Scalar;
  /** Mean over all values, the perceptual part included: what the authors log as `rec_loss`. */
  readonly mean: Scalar;
  /** Mean perceptual distance, unweighted; 0 without a perceptual part. */
  readonly perceptual: Scalar;
};

/**
 * How far rebuilt frames are from the original, as the released code adds it up: the perceptual distance of a frame counts
 * once for each pixel and channel.
 *
 * @param target `[count, height, width, 3]` in [-1, 1]
 * @param rebuilt of the same shape; gradients flow to it alone
 */
export function reconstructionLoss(
  target: Tensor4D,
  rebuilt: Tensor4D,
  { pixelError = 'l1', perceptual, logVariance = 0 }: ReconstructionOptions = {},
): ReconstructionTerms {
  if (String(target.shape) !== String(rebuilt.shape)) {
    throw new ShapeError(`reconstructionLoss: both need one shape, but are [${target.shape}] and [${rebuilt.shape}].`);
  }
  return tidy(() => {
    const [count, height, width, channels] = target.shape;
    const values = height * width * channels;
    const error = pixelError === 'l1' ? absoluteDifference(target, rebuilt) : square(sub(target, rebuilt));
    const byFrame = sum(reshape(error, [count, values]), 1);
    const costs = pixelError === 'psnr' ? mul(log(add(mul(byFrame, 1 / values), LEAST_SQUARE)), values) : byFrame;
    const pixels = mul(sum(costs), 1 / count);
    const distance = perceptual ? perceptualDistance(perceptual, target, rebuilt) : mul(pixels, 0);
    const total = add(pixels, mul(distance, values * (perceptual?.weight ?? 0)));
    return {
      nll: add(mul(total, Math.exp(-logVariance)), logVariance * values) as Scalar,
      mean: mul(total, 1 / values) as Scalar,
      perceptual: distance as Scalar,
    };
  });
}

function perceptualDistance({ params, network }: PerceptualTerm, target: Tensor4D, rebuilt: Tensor4D): Scalar {
  const [wanted, given] = [target, rebuilt].map((frames) => lpipsFeatures(params, frames, network));
  const distances: Tensor1D = featureDistance(params, wanted!, given!);
  return mul(sum(distances), 1 / distances.size) as Scalar;
}
