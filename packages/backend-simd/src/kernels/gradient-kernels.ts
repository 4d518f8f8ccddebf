import type { KernelConfig } from '@tensorflow/tfjs-core';

import {
  causalConv3dBackpropBias,
  causalConv3dBackpropFilter,
  causalConv3dBackpropInput,
} from './causal-conv3d-gradients.ts';
import { groupNormGrad, groupNormSiluGrad } from './group-norm-gradients.ts';
import { spatialAttentionGrad } from './spatial-attention-gradient.ts';
import {
  upsampleCausalConv3dBackpropBias,
  upsampleCausalConv3dBackpropFilter,
  upsampleCausalConv3dBackpropInput,
} from './upsample-causal-conv3d-gradients.ts';

/** The gradients of OD-VAE's ops. */
export const gradientKernels: readonly KernelConfig[] = [
  causalConv3dBackpropBias,
  causalConv3dBackpropFilter,
  causalConv3dBackpropInput,
  groupNormGrad,
  groupNormSiluGrad,
  spatialAttentionGrad,
  upsampleCausalConv3dBackpropBias,
  upsampleCausalConv3dBackpropFilter,
  upsampleCausalConv3dBackpropInput,
];
