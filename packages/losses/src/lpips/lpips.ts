import { ShapeError } from '@od-vae/core';
import {
  add,
  addN,
  div,
  image,
  matMul,
  mean,
  ones,
  reshape,
  sqrt,
  square,
  sub,
  type Tensor1D,
  type Tensor2D,
  type Tensor4D,
  tidy,
} from '@tensorflow/tfjs-core';

import { lpipsFeatures } from './features.ts';
import type { LpipsParams } from './lpips-spec.ts';
import type { LpipsNetwork } from './networks.ts';

/** Added to a feature's length before it is divided by it. */
const EPSILON = 1e-10;
/** Far below the square of {@link EPSILON}: keeps the root's slope finite where all features are zero. */
const TINY = 1e-30;

/** Options of {@link lpips}. */
export interface LpipsOptions {
  /** Which network the weights are of. */
  network: LpipsNetwork;
  /** Enlarges the distance maps to the image before averaging them, as the authors evaluate; false by default. */
  spatial?: boolean | undefined;
}

/**
 * Perceptual distance of each pair of frames, LPIPS 0.1: `[count]`.
 *
 * @param a `[count, height, width, 3]` in [-1, 1]
 * @param b of the same shape; gradients flow to both
 * @throws ShapeError when the shapes differ
 */
export function lpips(params: LpipsParams, a: Tensor4D, b: Tensor4D, { network, spatial }: LpipsOptions): Tensor1D {
  if (String(a.shape) !== String(b.shape)) {
    throw new ShapeError(`lpips: both need one shape, but are [${a.shape}] and [${b.shape}].`);
  }
  return tidy('lpips', () => {
    const features = [a, b].map((frames) => lpipsFeatures(params, frames, network));
    const [count, height, width] = a.shape;
    if (!spatial) return featureDistance(params, features[0]!, features[1]!);
    const maps = distanceMaps(params, features[0]!, features[1]!).map((map) =>
      image.resizeBilinear(map, [height, width], false, true),
    );
    return reshape(mean(addN(maps), [1, 2, 3]), [count]);
  });
}

/** {@link lpips} of frames whose features are known: `[count]`. */
export function featureDistance(params: LpipsParams, a: readonly Tensor4D[], b: readonly Tensor4D[]): Tensor1D {
  return tidy(() => addN(distanceMaps(params, a, b).map((map) => mean<Tensor1D>(map, [1, 2, 3]))));
}

function distanceMaps({ heads }: LpipsParams, a: readonly Tensor4D[], b: readonly Tensor4D[]): Tensor4D[] {
  return heads.map((head, index) => {
    const difference: Tensor4D = square(sub(unitLength(a[index]!), unitLength(b[index]!)));
    return sumChannels(difference, reshape(head, [head.size, 1]));
  });
}

function unitLength(features: Tensor4D): Tensor4D {
  const energy = sumChannels(square(features), ones([features.shape[3], 1]));
  return div(features, add(sqrt(add(energy, TINY)), EPSILON));
}

/** Weighted sums over the channels, as a product of matrices: the gradient of a plain sum fills a tensor with ones. */
function sumChannels(x: Tensor4D, weights: Tensor2D): Tensor4D {
  const [count, height, width, channels] = x.shape;
  const rows: Tensor2D = reshape(x, [-1, channels]);
  return reshape(matMul<Tensor2D>(rows, weights), [count, height, width, 1]);
}
