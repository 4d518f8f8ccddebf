import {
  add,
  div,
  engine,
  getBackend,
  getKernel,
  mul,
  reshape,
  sqrt,
  square,
  sub,
  type Tensor,
  tidy,
} from '@tensorflow/tfjs-core';

/** Options of Adam, by PyTorch's defaults. */
export interface AdamOptions {
  /** How fast the mean of the gradients forgets; 0.9. */
  readonly beta1?: number | undefined;
  /** How fast the mean of their squares forgets; 0.999. */
  readonly beta2?: number | undefined;
  /** Added to the root of the squares; 1e-8 (TensorFlow.js's own Adam has 1e-7). */
  readonly epsilon?: number | undefined;
}

/** {@link AdamOptions} with their defaults filled in. */
export interface AdamConstants {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

/** Numbers of one step; the corrections are `1 - beta ** step`. */
export interface AdamAttributes extends AdamConstants {
  readonly rate: number;
  readonly correction1: number;
  readonly correction2: number;
}

/** A weight, its gradient, and the two moving means that Adam keeps of it. */
export type AdamInputs = { param: Tensor; gradient: Tensor; mean: Tensor; square: Tensor };

/** The weight and the two means after a step of Adam, as PyTorch computes it; the caller owns them. */
export function adamStep(
  inputs: AdamInputs,
  attributes: AdamAttributes,
): [param: Tensor, mean: Tensor, square: Tensor] {
  if (getKernel('AdamStep', getBackend())) {
    return engine().runKernel('AdamStep', inputs, { ...attributes }) as [Tensor, Tensor, Tensor];
  }
  return adamStepReference(inputs, attributes);
}

/** {@link adamStep} in stock ops: what every backend without a kernel of the name runs. */
export function adamStepReference(
  { param, gradient, mean, square: squares }: AdamInputs,
  { rate, beta1, beta2, epsilon, correction1, correction2 }: AdamAttributes,
): [param: Tensor, mean: Tensor, square: Tensor] {
  return tidy('adamStep', () => {
    const [p, g, m, v] = [param, gradient, mean, squares].map((tensor) => reshape(tensor, [tensor.size]));
    const average = add(m!, mul(sub(g!, m!), 1 - beta1));
    const energy = add(mul(v!, beta2), mul(square(g!), 1 - beta2));
    const length = add(div(sqrt(energy), Math.sqrt(correction2)), epsilon);
    const moved = sub(p!, mul(div(average, length), rate / correction1));
    return [moved, average, energy].map((tensor) => reshape(tensor, param.shape)) as [Tensor, Tensor, Tensor];
  });
}
