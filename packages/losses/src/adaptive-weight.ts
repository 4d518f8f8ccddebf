import {
  add,
  clipByValue,
  div,
  mul,
  reshape,
  type Scalar,
  sqrt,
  square,
  sum,
  type Tensor,
  tidy,
} from '@tensorflow/tfjs-core';

/** Keeps the quotient finite where the adversarial gradient vanishes. */
const EPSILON = 1e-4;
const LARGEST = 1e4;

/**
 * How much the adversarial term counts so that it moves the last layer as much as the reconstruction does:
 * `clamp(‖reconstruction‖ / (‖adversarial‖ + 1e-4), 0, 1e4) * weight` of the two gradients of that layer's kernel.
 */
export function adaptiveWeight(reconstruction: Tensor, adversarial: Tensor, weight: number): Scalar {
  return tidy('adaptiveWeight', () => {
    const quotient = div(length(reconstruction), add(length(adversarial), EPSILON));
    return mul(clipByValue(quotient, 0, LARGEST), weight) as Scalar;
  });
}

function length(gradient: Tensor): Scalar {
  return sqrt(sum(square(reshape(gradient, [gradient.size]))));
}
