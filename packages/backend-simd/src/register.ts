import '@tensorflow/tfjs-backend-cpu';
import { getKernelsForBackend, registerBackend, registerKernel } from '@tensorflow/tfjs-core';

import { causalConv3d, upsampleCausalConv3d } from './kernels/causal-conv3d.ts';
import { gradientKernels } from './kernels/gradient-kernels.ts';
import { groupNorm, groupNormSilu } from './kernels/group-norm.ts';
import { adamStep, movingAverage } from './kernels/optimizer.ts';
import { identity, reshape } from './kernels/reshape.ts';
import { spatialAttention } from './kernels/spatial-attention.ts';
import { stockKernels } from './kernels/stock-kernels.ts';
import { SimdBackend } from './simd-backend.ts';

const OWN = [
  adamStep,
  causalConv3d,
  ...gradientKernels,
  groupNorm,
  groupNormSilu,
  identity,
  movingAverage,
  reshape,
  spatialAttention,
  ...stockKernels,
  upsampleCausalConv3d,
];

/** Before cpu (1), after webgpu (3): what TensorFlow.js starts with when nobody chooses. */
const PRIORITY = 2;

/** Makes `simd` a backend that TensorFlow.js knows: our kernels, and for every other op the cpu backend's. */
export function registerSimd(): void {
  const own = new Set(OWN.map(({ kernelName }) => kernelName));
  for (const kernel of getKernelsForBackend('cpu')) {
    if (!own.has(kernel.kernelName)) registerKernel({ ...kernel, backendName: 'simd' });
  }
  for (const kernel of OWN) registerKernel(kernel);
  registerBackend('simd', () => new SimdBackend(), PRIORITY);
}
