import {
  engine,
  findBackendFactory,
  getKernel,
  type KernelConfig,
  registerKernel,
  setBackend,
} from '@tensorflow/tfjs-core';

import {
  causalConv3d,
  causalConv3dBackpropBias,
  causalConv3dBackpropFilter,
  causalConv3dBackpropInput,
} from './kernels/causal-conv3d.ts';
import { groupNormGrad, groupNormSiluGrad } from './kernels/group-norm-gradients.ts';
import { groupNorm, groupNormSilu } from './kernels/group-norm.ts';
import { spatialAttention, spatialAttentionGrad } from './kernels/spatial-attention.ts';
import {
  upsampleCausalConv3d,
  upsampleCausalConv3dBackpropBias,
  upsampleCausalConv3dBackpropFilter,
  upsampleCausalConv3dBackpropInput,
} from './kernels/upsample-causal-conv3d.ts';
import { loadTensorflow } from './load-tensorflow.ts';

const KERNELS: readonly KernelConfig[] = [
  causalConv3d,
  causalConv3dBackpropBias,
  causalConv3dBackpropFilter,
  causalConv3dBackpropInput,
  groupNorm,
  groupNormGrad,
  groupNormSilu,
  groupNormSiluGrad,
  spatialAttention,
  spatialAttentionGrad,
  upsampleCausalConv3d,
  upsampleCausalConv3dBackpropBias,
  upsampleCausalConv3dBackpropFilter,
  upsampleCausalConv3dBackpropInput,
];

/**
 * Makes `tensorflow` a backend that TensorFlow.js knows, with kernels for OD-VAE's layers.
 *
 * It becomes the backend in use where none was: importing does not take another's place.
 *
 * @throws BackendError when TensorFlow's package for Node, or its addon, is not there.
 */
export async function registerTensorflow(): Promise<void> {
  if (!findBackendFactory('tensorflow')) {
    const before = engine().backendName;
    loadTensorflow();
    if (before) await setBackend(before);
  }
  for (const kernel of KERNELS) if (!getKernel(kernel.kernelName, 'tensorflow')) registerKernel(kernel);
}
