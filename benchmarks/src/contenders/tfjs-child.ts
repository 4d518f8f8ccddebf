// A contender's process: TensorFlow.js on the backend that is named, `simd`, `wasm`, `cpu`, or
// `webgpu` with our kernels or, as `webgpu-stock`, without them.
import type { SimdBackend } from '@od-vae/backend-simd';
import type { WebgpuBackend } from '@od-vae/backend-webgpu/node';
import { fusableKernels, gradientKernelsOf } from '@od-vae/core';
import { backend, getKernel, unregisterKernel, version_core as tfjs } from '@tensorflow/tfjs-core';
import { useBackend } from 'od-vae';

import { serve } from './serve.ts';
import { stockConvolution, tfjsRun } from './tfjs-runs.ts';

const name = process.argv[2] ?? 'simd';
if (name.startsWith('webgpu')) await import('@od-vae/backend-webgpu/node');
if (name === 'webgpu-stock') forgetOurKernels();
await useBackend(name.replace('-stock', ''));
const precision = process.env['OD_VAE_PRECISION'];
const program = /^(simd|webgpu)$/.test(name)
  ? `od-vae ${name}${precision ? ` (${precision})` : ''}`
  : `tfjs ${tfjs} ${name.replace('-stock', '')}`;
await serve({
  version: `${program}, Node ${process.versions.node}`,
  prepare: async (one) => {
    if (one.kind === 'step' || one.kind === 'train') await import('@tensorflow/tfjs-layers');
    if (name === 'simd') await (backend() as SimdBackend).pool.started();
    const run = name === 'webgpu-stock' && one.kind === 'convolution' ? stockConvolution(one) : tfjsRun(one);
    return name.startsWith('webgpu') ? async () => (run(), await computed()) : run;
  },
});

/** Leaves TensorFlow.js's own kernels alone on `webgpu`. */
function forgetOurKernels(): void {
  const ours = fusableKernels().flatMap((op) => [op, ...Object.keys(gradientKernelsOf(op)!)]);
  for (const kernel of ours) if (getKernel(kernel, 'webgpu')) unregisterKernel(kernel, 'webgpu');
}

/** Resolves when the GPU has done everything that was asked for. */
async function computed(): Promise<void> {
  const webgpu = backend() as WebgpuBackend;
  webgpu.ensureCommandEncoderReady();
  webgpu.endComputePassEncoder();
  webgpu.submitQueue();
  await webgpu.device.queue.onSubmittedWorkDone();
}
