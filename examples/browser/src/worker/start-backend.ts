import type { SimdBackend } from '@od-vae/backend-simd';
import { backend } from '@tensorflow/tfjs-core';
import { hasHalfStorage, isSoftwareGpu, useBackend } from 'od-vae';

import type { BackendName, BackendStatus } from '../protocol.ts';

const STARTS: Readonly<Record<BackendName, () => Promise<string>>> = {
  webgpu: startWebgpu,
  simd: startSimd,
  cpu: startCpu,
};

/**
 * Starts a backend and returns its properties.
 *
 * @throws Error with the reason when it does not start.
 */
export async function startBackend(name: BackendName): Promise<BackendStatus> {
  const detail = await STARTS[name]();
  return { name, available: true, isSlow: name === 'cpu' || isSoftwareGpu(), hasHalf: hasHalfStorage(), detail };
}

async function startWebgpu(): Promise<string> {
  if (!('gpu' in navigator)) throw new Error('This browser has no WebGPU.');
  const gpu = navigator.gpu as { requestAdapter(): Promise<{ info?: { vendor?: string } } | null> };
  const adapter = await gpu.requestAdapter();
  if (!adapter) throw new Error('No GPU answers this browser.');
  await useBackend('webgpu');
  return isSoftwareGpu() ? 'WebGPU without a GPU: slow.' : `WebGPU on ${adapter.info?.vendor || 'your GPU'}.`;
}

/** Starts the threads, too, so that the first run does not wait for them. */
async function startSimd(): Promise<string> {
  await useBackend('simd');
  const { pool } = backend() as SimdBackend;
  await pool.started();
  if (pool.threads > 1) return `WebAssembly on ${pool.threads} threads.`;
  return crossOriginIsolated ? 'WebAssembly on 1 thread.' : 'WebAssembly on 1 thread: this page is not isolated.';
}

async function startCpu(): Promise<string> {
  await useBackend('cpu');
  return 'Plain JavaScript: slow, for comparison.';
}
