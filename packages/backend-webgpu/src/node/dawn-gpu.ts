import { BackendError } from '@od-vae/core';

let started: GPU | undefined;

/**
 * Node's `navigator.gpu`, by Dawn (the npm package `webgpu`), which is put where browsers have it.
 *
 * @throws BackendError when the package is not installed or does not load.
 */
export async function dawnGpu(): Promise<GPU> {
  if (started) return started;
  const { create, globals } = await import('webgpu').catch((error: unknown) => {
    const { message } = error as Error;
    throw new BackendError(`webgpu: Node needs the npm package "webgpu": ${message}`, { cause: error });
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
