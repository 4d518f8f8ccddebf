import type { Tensor1D, Tensor5D } from '@tensorflow/tfjs-core';

import { biasGradient, convolveBack, filterGradient } from '../native/convolution-gradients.ts';
import { convolve } from '../native/convolution.ts';
import type { ConvolutionAttributes } from '../native/native-convolution.ts';
import { tensorflowKernel } from './tensorflow-kernel.ts';

type Inputs = { x: Tensor5D; weight: Tensor5D; bias: Tensor1D };
type Gradients = Inputs & { dy: Tensor5D };

/** `CausalConv3D`: `Conv3D` of the clip behind copies of its first frame, or `Conv2D` of its frames. */
export const causalConv3d = tensorflowKernel<Inputs, ConvolutionAttributes>('CausalConv3D', convolve);

/** `CausalConv3DBackpropInput`: the gradient of the clip. */
export const causalConv3dBackpropInput = tensorflowKernel<Gradients, ConvolutionAttributes>(
  'CausalConv3DBackpropInput',
  convolveBack,
);

/** `CausalConv3DBackpropFilter`: the gradient of the kernel. */
export const causalConv3dBackpropFilter = tensorflowKernel<Gradients, ConvolutionAttributes>(
  'CausalConv3DBackpropFilter',
  filterGradient,
);

/** `CausalConv3DBackpropBias`: the gradient of the bias. */
export const causalConv3dBackpropBias = tensorflowKernel<Gradients, ConvolutionAttributes>(
  'CausalConv3DBackpropBias',
  (backend, { dy }) => biasGradient(backend, dy),
);
