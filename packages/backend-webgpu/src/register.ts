import { BackendError } from '@od-vae/core';
import {
  env,
  findBackend,
  findBackendFactory,
  getKernel,
  type KernelFunc,
  registerBackend,
  registerKernel,
  removeBackend,
  unregisterKernel,
} from '@tensorflow/tfjs-core';

import { addOr } from './kernels/add.ts';
import { BINARY_KERNELS, binaryOr } from './kernels/binary.ts';
import { causalConv3d, upsampleCausalConv3d } from './kernels/causal-conv3d.ts';
import { causalConv3dGradients, upsampleCausalConv3dGradients } from './kernels/causal-conv3d-gradients.ts';
import { groupNormGrad, groupNormSiluGrad } from './kernels/group-norm-gradients.ts';
import { groupNorm, groupNormSilu } from './kernels/group-norm.ts';
import { mirrorPadOr, padOr } from './kernels/pad.ts';
import { spatialAttentionGrad } from './kernels/spatial-attention-gradient.ts';
import { spatialAttention } from './kernels/spatial-attention.ts';
import { browserGpus, type GpuPlace } from './gpu-place.ts';
import { requestDevice } from './request-device.ts';
import { WebgpuBackend } from './webgpu-backend.ts';

const KERNELS = [
  causalConv3d,
  ...causalConv3dGradients,
  groupNorm,
  groupNormGrad,
  groupNormSilu,
  groupNormSiluGrad,
  spatialAttention,
  spatialAttentionGrad,
  upsampleCausalConv3d,
  ...upsampleCausalConv3dGradients,
];

/** TensorFlow.js's own for `webgpu`: what it starts with when nobody chooses. */
const PRIORITY = 3;

/**
 * Makes `webgpu` a backend that TensorFlow.js knows: its own kernels, and ours for OD-VAE's layers.
 *
 * The GPU is asked for when the backend is first used; `setBackend('webgpu')` then fails where none answers.
 *
 * @param place where GPUs are found; by default in the page
 * @throws BackendError when TensorFlow.js's own `webgpu` backend is in use already.
 */
export function registerWebgpu(place: GpuPlace = browserGpus): void {
  for (const kernel of KERNELS) registerKernel(kernel);
  wrapStock();
  if (findBackendFactory('webgpu')) {
    const running = findBackend('webgpu');
    if (running instanceof WebgpuBackend) return;
    if (running && running.numDataIds() > 0) {
      throw new BackendError('webgpu: import @od-vae/backend-webgpu before TensorFlow.js uses its own webgpu backend.');
    }
    removeBackend('webgpu');
  }
  // What the CPU computes of small tensors, it computes by other kernels than ours.
  env().set('WEBGPU_CPU_FORWARD', false);
  registerBackend('webgpu', async () => new WebgpuBackend(await requestDevice(place)), PRIORITY);
}

/** What stands before kernels of TensorFlow.js's own. */
const WRAPPERS: Readonly<Record<string, (stock: KernelFunc) => KernelFunc>> = {
  ...Object.fromEntries(BINARY_KERNELS.map((name) => [name, binaryOr])),
  Add: (stock) => addOr(binaryOr(stock)),
  MirrorPad: mirrorPadOr,
  PadV2: padOr,
};

let isWrapped = false;

/** Puts ours before TensorFlow.js's own, once. */
function wrapStock(): void {
  if (isWrapped) return;
  isWrapped = true;
  for (const [kernelName, wrap] of Object.entries(WRAPPERS)) {
    const { kernelFunc } = getKernel(kernelName, 'webgpu');
    unregisterKernel(kernelName, 'webgpu');
    registerKernel({ kernelName, backendName: 'webgpu', kernelFunc: wrap(kernelFunc) });
  }
}
