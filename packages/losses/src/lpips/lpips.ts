import { ShapeError } from '@od-vae/core';
import {
  add,
  addN,
  div,
  image,
  mean,
  mul,
  reshape,
  sqrt,
  square,
  sub,
  sum,
  type Tensor1D,
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
    const difference = square(sub(unitLength(a[index]!), unitLength(b[index]!)));
    return sum<Tensor4D>(mul(difference, reshape(head, [head.size])), 3, true);
  });
}

function unitLength(features: Tensor4D): Tensor4D {
  return div(features, add(sqrt(add(sum(square(features), 3, true), TINY)), EPSILON));
}
