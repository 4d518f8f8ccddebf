import type { Tensor1D, Tensor5D } from '@tensorflow/tfjs-core';
import { consume } from '@od-vae/core';

import { biasGradient, convolveBack, filterGradient } from '../native/convolution-gradients.ts';
import { convolve } from '../native/convolution.ts';
import type { ConvolutionAttributes } from '../native/native-convolution.ts';
import { enlarge, type Enlargement, shrink } from '../native/enlarge.ts';
import { tensorflowKernel } from './tensorflow-kernel.ts';

type Inputs = { x: Tensor5D; weight: Tensor5D; bias: Tensor1D };
type Gradients = Inputs & { dy: Tensor5D };

const PLAIN: ConvolutionAttributes = { strides: [1, 1, 1], border: 'around' };

/** `UpsampleCausalConv3D`: the clip is enlarged, then convolved. */
export const upsampleCausalConv3d = tensorflowKernel<Inputs, Enlargement>(
  'UpsampleCausalConv3D',
  (backend, { x, weight, bias }, enlargement) =>
    consume(enlarge(backend, x, enlargement), (larger) => convolve(backend, { x: larger, weight, bias }, PLAIN)),
);

/** `UpsampleCausalConv3DBackpropInput`: the gradient of the clip before it was enlarged. */
export const upsampleCausalConv3dBackpropInput = tensorflowKernel<Gradients, Enlargement>(
  'UpsampleCausalConv3DBackpropInput',
  (backend, { x, weight, dy }, enlargement) => {
    const [batch, time, height, width, channels] = x.shape;
    const frames = enlargement.time ? 2 * time - 1 : time;
    const larger: Tensor5D['shape'] = [batch, frames, 2 * height, 2 * width, channels];
    return consume(convolveBack(backend, { x: { shape: larger }, weight, dy }, PLAIN), (gradient) =>
      shrink(backend, gradient, x.shape, enlargement),
    );
  },
);

/** `UpsampleCausalConv3DBackpropFilter`: the gradient of the kernel; the clip is enlarged again. */
export const upsampleCausalConv3dBackpropFilter = tensorflowKernel<Gradients, Enlargement>(
  'UpsampleCausalConv3DBackpropFilter',
  (backend, { x, weight, dy }, enlargement) =>
    consume(enlarge(backend, x, enlargement), (larger) => filterGradient(backend, { x: larger, weight, dy }, PLAIN)),
);

/** `UpsampleCausalConv3DBackpropBias`: the gradient of the bias. */
export const upsampleCausalConv3dBackpropBias = tensorflowKernel<Gradients, Enlargement>(
  'UpsampleCausalConv3DBackpropBias',
  (backend, { dy }) => biasGradient(backend, dy),
);
