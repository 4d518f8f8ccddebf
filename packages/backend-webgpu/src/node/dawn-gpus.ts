import { BackendError } from '@od-vae/core';

import type { GpuPlace } from '../gpu-place.ts';
import { missingForDawn } from './missing-for-dawn.ts';

/** What Dawn finds: Vulkan, Metal or Direct3D devices. */
export const dawnGpus: GpuPlace = { find: findDawn, advice: () => missingForDawn(process.platform, process.env) };

let started: GPU | undefined;

/**
 * Node's `navigator.gpu`, by Dawn (the npm package `webgpu`), which is put where browsers have it.
 *
 * @throws BackendError when the package is not installed or does not load.
 */
async function findDawn(): Promise<GPU> {
  if (started) return started;
  const { create, globals } = await import('webgpu').catch((error: unknown) => {
    const reason = (error as Error).message.split('\n')[0];
    throw new BackendError(`webgpu: Node needs the npm package "webgpu" (npm install webgpu): ${reason}`, {
      cause: error,
    });
  });
  const gpu = create([]);
  // TensorFlow.js looks for the constants (`GPUBufferUsage`, …) and `navigator.gpu` where browsers have them.
  Object.assign(globalThis, globals);
  // Node 20 has no navigator.
  const [owner, key, value] = 'navigator' in globalThis ? [navigator, 'gpu', gpu] : [globalThis, 'navigator', { gpu }];
  Object.defineProperty(owner, key, { value, configurable: true });
  started = gpu;
  return gpu;
}
