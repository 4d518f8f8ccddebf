import { BackendError } from '@od-vae/core';
import { backend, env, findBackendFactory, getBackend, ready, setBackend } from '@tensorflow/tfjs-core';

import { guardWasmMemory } from './wasm-memory.ts';
import { replaceWasmSlice } from './wasm-slice.ts';

/** Backends that this package can bring by itself; others are imported first and then found by their name. */
const BUNDLED: Readonly<Record<string, () => Promise<unknown>>> = {
  cpu: () => import('@tensorflow/tfjs-backend-cpu'),
  simd: () => import('@od-vae/backend-simd'),
  wasm: () => import('@tensorflow/tfjs-backend-wasm'),
};

/** Backends by their names, the quickest first. */
const PREFERENCE = ['webgpu', 'tensorflow', 'simd', 'wasm', 'cpu'] as const;

/**
 * Makes a backend the one that everything runs on, importing it where this package brings it.
 *
 * @returns the name of the backend
 * @throws BackendError when there is no backend of that name or it does not start.
 */
export async function useBackend(name: string): Promise<string> {
  if (!findBackendFactory(name)) await BUNDLED[name]?.();
  if (!findBackendFactory(name)) {
    throw new BackendError(
      `useBackend: "${name}" is not registered; cpu, simd and wasm come with od-vae, others are imported first.`,
    );
  }
  const started = await setBackend(name).catch((error: unknown) => {
    throw new BackendError(`useBackend: "${name}" did not start.`, { cause: error });
  });
  if (!started) throw new BackendError(`useBackend: "${name}" did not start on this machine.`);
  await ready();
  prepareBackend();
  return name;
}

/** The quickest backend that answers; backends that were imported before are tried first. Prints nothing. */
export async function useBestBackend(): Promise<string> {
  for (const name of PREFERENCE) {
    if (!findBackendFactory(name) && !BUNDLED[name]) continue;
    try {
      return await quietly(() => useBackend(name));
    } catch {
      // This one does not answer here; the next may.
    }
  }
  throw new BackendError(`useBestBackend: none of ${PREFERENCE.join(', ')} starts on this machine.`);
}

/** Runs a body in which tfjs does not print why a backend did not start; for a choice among several it is no news. */
async function quietly<Result>(body: () => Promise<Result>): Promise<Result> {
  const before = env().getBool('PROD');
  env().set('PROD', true);
  try {
    return await body();
  } finally {
    env().set('PROD', before);
  }
}

/** The backend in use; the best one is chosen if none is. */
export async function currentBackend(): Promise<string> {
  if (!getBackend()) return useBestBackend();
  await ready();
  prepareBackend();
  return getBackend();
}

/** What the stock backends need before they are fit for use. */
function prepareBackend(): void {
  const active = backend();
  silenceBanner(active);
  if (getBackend() !== 'wasm') return;
  guardWasmMemory(active);
  replaceWasmSlice();
}

/** The cpu backend greets Node users on its first write; that is not for our users' terminals. */
function silenceBanner(active: object): void {
  if ('firstUse' in active) active.firstUse = false;
}
