import {
  add,
  mean,
  mul,
  neg,
  reshape,
  sigmoid,
  sub,
  sum,
  type Tensor,
  type Tensor1D,
  type Tensor3D,
  type Tensor5D,
  tidy,
} from '@tensorflow/tfjs-core';
import { consume } from '@od-vae/core';

import { affineOf, groupMean, groupMoments, type NormAttributes, rowsOf } from '../native/group-moments.ts';
import { runNative, type TensorflowBackend } from '../native/tensorflow-backend.ts';
import { tensorflowKernel } from './tensorflow-kernel.ts';

type Inputs = { x: Tensor5D; scale: Tensor1D; bias: Tensor1D; dy: Tensor5D };

/** `GroupNormGrad`: the gradients of clip, scale and bias. */
export const groupNormGrad = tensorflowKernel<Inputs, NormAttributes>('GroupNormGrad', (_, inputs, attributes) =>
  normGradients(inputs, attributes, (dy) => dy.clone()),
);

/** `GroupNormSiluGrad`: the same through `y * sigmoid(y)`. */
export const groupNormSiluGrad = tensorflowKernel<Inputs, NormAttributes>(
  'GroupNormSiluGrad',
  (backend, inputs, attributes) =>
    normGradients(inputs, attributes, (dy, normed) => mul(dy, siluSlope(backend, normed()))),
);

/** `sigmoid(y) + y * sigmoid'(y)`. */
function siluSlope(backend: TensorflowBackend, y: Tensor3D): Tensor3D {
  return tidy(() => {
    const gate = sigmoid(y);
    return add(gate, runNative<Tensor3D>(backend, 'SigmoidGrad', [gate, y]));
  });
}

/**
 * With `n` the normalized clip and `dn` its gradient: `dx = (dn - mean(dn) - n * mean(dn * n)) / deviation`, the means over a
 * group. All that varies within a channel is multiplied by one number for each channel, so two passes over the clip do.
 *
 * @param through gives the gradient of what is scaled and shifted, from that of the output
 */
function normGradients(
  { x, scale, bias, dy }: Inputs,
  attributes: NormAttributes,
  through: (dy: Tensor3D, normed: () => Tensor3D) => Tensor3D,
): Tensor[] {
  const rows = rowsOf(x);
  const moments = groupMoments(rows, attributes);
  const { mean: centre, inverseDeviation } = moments;
  const gradient = tidy(() =>
    through(rowsOf(dy), () => {
      const { gain, shift } = affineOf(moments, scale, bias);
      return add(mul(rows, gain), shift);
    }),
  );
  const means = mean(gradient, 1, true) as Tensor3D;
  const products = mul(
    consume(sub(rows, centre) as Tensor3D, (centred) => meanOfProducts(centred, gradient)),
    inverseDeviation,
  ) as Tensor3D;
  const ofMean = mul(groupMean(mul(means, scale), attributes.groups), inverseDeviation);
  const ofNormed = mul(groupMean(mul(products, scale), attributes.groups), mul(inverseDeviation, inverseDeviation));
  const constant = sub(mul(ofNormed, centre), ofMean);
  const dx = tidy(() => {
    const first = consume(mul(gradient, mul(inverseDeviation, scale)) as Tensor3D, (part) =>
      tidy(() => add(part, mul(rows, neg(ofNormed)))),
    );
    return reshape(add(first, constant), x.shape);
  });
  const pixels = rows.shape[1];
  const perChannel = (values: Tensor3D) => mul(sum(values, [0, 1]), pixels);
  return [dx, perChannel(products), perChannel(means)];
}

function meanOfProducts(a: Tensor3D, b: Tensor3D): Tensor3D {
  return tidy(() => mean(mul(a, b), 1, true));
}
