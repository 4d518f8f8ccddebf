import type { WebgpuBackend } from '@od-vae/backend-webgpu';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { backend } from '@tensorflow/tfjs-core';
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
 * Runs the tests of a block on a backend; an error that a WebGPU device reports fails the test, also where nothing is read.
 */
export function useDevice(name: 'webgpu' | 'wasm'): void {
  const reported: string[] = [];
  beforeAll(async () => {
    if (name === 'wasm') serveWasm();
    else await import('@od-vae/backend-webgpu');
    await useBackend(name);
    if (name === 'wasm') return;
    (backend() as WebgpuBackend).device.addEventListener('uncapturederror', ({ error }) => {
      reported.push(error.message);
    });
  });
  afterEach(async () => {
    if (name === 'webgpu') await (backend() as WebgpuBackend).device.queue.onSubmittedWorkDone();
    expect(reported.splice(0), 'errors reported by the WebGPU device').toEqual([]);
  });
}
