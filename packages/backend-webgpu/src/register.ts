import { BackendError } from '@od-vae/core';
import {
  env,
  findBackend,
  findBackendFactory,
  registerBackend,
  registerKernel,
  removeBackend,
} from '@tensorflow/tfjs-core';

import { causalConv3d, upsampleCausalConv3d } from './kernels/causal-conv3d.ts';
import { groupNorm, groupNormSilu } from './kernels/group-norm.ts';
import { spatialAttention } from './kernels/spatial-attention.ts';
import { startBackend } from './request-device.ts';
import { WebgpuBackend } from './webgpu-backend.ts';

const KERNELS = [causalConv3d, groupNorm, groupNormSilu, spatialAttention, upsampleCausalConv3d];

/** TensorFlow.js's own for `webgpu`: what it starts with when nobody chooses. */
const PRIORITY = 3;

/**
 * Makes `webgpu` a backend that TensorFlow.js knows: its own kernels, and ours for OD-VAE's layers.
 *
 * The GPU is asked for when the backend is first used; `setBackend('webgpu')` then fails where none answers.
 *
 * @param findGpu gives the browser's `navigator.gpu`, or what stands for it
 * @throws BackendError when TensorFlow.js's own `webgpu` backend is in use already.
 */
export function registerWebgpu(findGpu: () => Promise<GPU | undefined> = browserGpu): void {
  for (const kernel of KERNELS) registerKernel(kernel);
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
  registerBackend('webgpu', async () => startBackend(await findGpu()), PRIORITY);
}

async function browserGpu(): Promise<GPU | undefined> {
  return (globalThis as { navigator?: { gpu?: GPU } }).navigator?.gpu;
}
