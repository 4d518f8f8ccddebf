import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { backend, env } from '@tensorflow/tfjs-core';
import { useBackend } from 'od-vae';
import { afterEach, beforeAll, expect } from 'vitest';

/** Where a page of this server finds the files of tfjs's wasm backend, which wants to know all three. */
const WASM_FILES = {
  'tfjs-backend-wasm.wasm': new URL(
    '../node_modules/@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm',
    import.meta.url,
  ).href,
  'tfjs-backend-wasm-simd.wasm': new URL(
    '../node_modules/@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm',
    import.meta.url,
  ).href,
  'tfjs-backend-wasm-threaded-simd.wasm': new URL(
    '../node_modules/@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm',
    import.meta.url,
  ).href,
};

/** Tells tfjs's wasm backend where this page finds its files. */
export function serveWasm(): void {
  setWasmPaths(WASM_FILES);
}

/**
 * Runs the tests of a block on a backend, whole: WebGPU computes small tensors too, and an error that its device
 * reports, which tfjs answers with zeros, fails the test.
 */
export function useDevice(name: 'webgpu' | 'wasm'): void {
  const reported: string[] = [];
  beforeAll(async () => {
    if (name === 'wasm') serveWasm();
    else await import('@tensorflow/tfjs-backend-webgpu');
    await useBackend(name);
    if (name === 'wasm') return;
    env().set('WEBGPU_CPU_FORWARD', false);
    (backend() as WebGPUBackend).device.addEventListener('uncapturederror', ({ error }) => {
      reported.push(error.message);
    });
  });
  afterEach(async () => {
    if (name === 'webgpu') await (backend() as WebGPUBackend).device.queue.onSubmittedWorkDone();
    expect(reported.splice(0), 'errors reported by the WebGPU device').toEqual([]);
  });
}
