import {
  add,
  mul,
  reshape,
  sigmoid,
  type Tensor,
  type Tensor1D,
  type Tensor3D,
  type Tensor5D,
  tidy,
} from '@tensorflow/tfjs-core';
import { consume } from '@od-vae/core';

import { affineOf, groupMoments, type NormAttributes, rowsOf } from '../native/group-moments.ts';
import { tensorflowKernel } from './tensorflow-kernel.ts';

type Inputs = { x: Tensor5D; scale: Tensor1D; bias: Tensor1D };

/** `GroupNorm`: each sample and group of channels to mean 0 and variance 1, then scaled. */
export const groupNorm = tensorflowKernel<Inputs, NormAttributes>('GroupNorm', (_, inputs, attributes) =>
  reshape(normalize(inputs, attributes), inputs.x.shape),
);

/** `GroupNormSilu`: the same, then `y * sigmoid(y)`. */
export const groupNormSilu = tensorflowKernel<Inputs, NormAttributes>('GroupNormSilu', (_, inputs, attributes) => {
  const y = consume(normalize(inputs, attributes), (normed) => tidy(() => mul(normed, sigmoid(normed))));
  return reshape(y, inputs.x.shape);
});

function normalize({ x, scale, bias }: Inputs, attributes: NormAttributes): Tensor3D {
  const rows = rowsOf(x);
  const { gain, shift } = affineOf(groupMoments(rows, attributes), scale, bias);
  return consume(mul(rows, gain) as Tensor, (scaled) => add(scaled, shift));
}
