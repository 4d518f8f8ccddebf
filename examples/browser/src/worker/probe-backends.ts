import type { SimdBackend } from '@od-vae/backend-simd';
import { backend } from '@tensorflow/tfjs-core';
import { hasHalfStorage, isSoftwareGpu, useBackend } from 'od-vae';

import type { BackendName, BackendStatus } from '../protocol.ts';
import { explainError } from './explain-error.ts';

/** The backends that the page offers, the quickest first, each with how it starts. */
const STARTS: readonly (readonly [BackendName, () => Promise<string>])[] = [
  ['webgpu', startWebgpu],
  ['simd', startSimd],
  ['cpu', startCpu],
];

/** Starts every backend that the page offers and tells how that went. */
export async function probeBackends(_: undefined, tell: (status: BackendStatus) => void): Promise<undefined> {
  for (const [name, start] of STARTS) tell(await statusOf(name, start));
  return undefined;
}

async function statusOf(name: BackendName, start: () => Promise<string>): Promise<BackendStatus> {
  try {
    const detail = await start();
    return { name, available: true, isSlow: name === 'cpu' || isSoftwareGpu(), hasHalf: hasHalfStorage(), detail };
  } catch (error) {
    return { name, available: false, isSlow: true, hasHalf: false, detail: explainError(error) };
  }
}

async function startWebgpu(): Promise<string> {
  if (!('gpu' in navigator)) throw new Error('This browser has no WebGPU.');
  const gpu = navigator.gpu as { requestAdapter(): Promise<{ info?: { vendor?: string } } | null> };
  const adapter = await gpu.requestAdapter();
  if (!adapter) throw new Error('No GPU answers this browser.');
  await useBackend('webgpu');
  return isSoftwareGpu() ? 'WebGPU without a GPU: slow.' : `WebGPU on ${adapter.info?.vendor || 'your GPU'}.`;
}

async function startSimd(): Promise<string> {
  await useBackend('simd');
  return describeSimd();
}

async function startCpu(): Promise<string> {
  await useBackend('cpu');
  return 'Plain JavaScript: slow, for comparison.';
}

/** How the simd backend runs here; starts its threads, so that the first call is quick. */
export async function describeSimd(): Promise<string> {
  const { pool } = backend() as SimdBackend;
  await pool.started();
  if (pool.threads > 1) return `WebAssembly on ${pool.threads} threads.`;
  return crossOriginIsolated ? 'WebAssembly on 1 thread.' : 'WebAssembly on 1 thread: this page is not isolated.';
}
