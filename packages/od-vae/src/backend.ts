import { BackendError } from '@od-vae/core';
import { environment, hasNode } from '@od-vae/core/base';
import { backend as active, env, findBackendFactory, getBackend, ready, setBackend } from '@tensorflow/tfjs-core';

import { isAbsent, OPTIONAL_BACKENDS } from './optional-backends.ts';
import { guardWasmMemory } from './wasm-memory.ts';
import { replaceWasmSlice } from './wasm-slice.ts';

/** Backends that this package brings by itself. */
const BUNDLED: Readonly<Record<string, () => Promise<unknown>>> = {
  cpu: () => import('@tensorflow/tfjs-backend-cpu'),
  simd: () => import('@od-vae/backend-simd'),
  wasm: () => import('@tensorflow/tfjs-backend-wasm'),
};

/** Backends by their names, the quickest first. */
const PREFERENCE = ['webgpu', 'tensorflow', 'simd', 'wasm', 'cpu'] as const;

/** The choice of {@link useBestBackend} in progress. */
let choosing: Promise<string> | undefined;

/** Backends that nobody imported but this module. */
const brought = new Set<string>();

/** The environment variable that forces a backend in Node. */
const VARIABLE = 'OD_VAE_BACKEND';

/** The parameter of an address that forces a backend in a page or worker. */
const PARAMETER = 'od-vae-backend';

/**
 * Makes a backend the one that everything runs on, importing it where this package, or one that is installed, brings it.
 *
 * @param name `cpu`, `simd` and `wasm` come along; `webgpu` needs `@od-vae/backend-webgpu`, `tensorflow` needs
 *   `@od-vae/backend-node`; any other that was registered
 * @returns the name of the backend
 * @throws BackendError when there is no backend of that name, its package is not installed, or it does not start.
 */
export async function useBackend(name: string): Promise<string> {
  await choosing?.catch(() => undefined);
  return startBackend(name);
}

async function startBackend(name: string): Promise<string> {
  if (!findBackendFactory(name)) await bring(name);
  if (!findBackendFactory(name)) {
    throw new BackendError(
      `useBackend: "${name}" is not registered; cpu, simd and wasm come with od-vae, others are imported first.`,
    );
  }
  const started = await setBackend(name).catch((error: unknown) => {
    throw new BackendError(`useBackend: "${name}" did not start.`, { cause: error });
  });
  if (!started) {
    const reason = await OPTIONAL_BACKENDS[name]?.explain?.();
    throw new BackendError(
      `useBackend: "${name}" did not start${reason ? `: ${withoutStop(reason)}` : ' on this machine'}.`,
    );
  }
  await ready();
  prepareBackend();
  return name;
}

/** Imports what registers a backend. */
async function bring(name: string): Promise<void> {
  await BUNDLED[name]?.();
  const optional = OPTIONAL_BACKENDS[name];
  if (!optional) return;
  try {
    await optional.load();
    brought.add(name);
  } catch (error) {
    const reason = isAbsent(optional.package, error)
      ? `needs ${optional.package}, which is not installed${hasNode() ? '' : ` or not part of this bundle (import 'od-vae/${name}')`}`
      : `did not start: ${withoutStop((error as Error).message)}`;
    throw new BackendError(`useBackend: "${name}" ${reason}.`, { cause: error });
  }
}

const withoutStop = (sentence: string): string => sentence.replace(/\.$/, '');

/** Whether a backend may start here, as far as can be known without trying: some drivers print what they think of it. */
export function mayStart(name: string): boolean {
  return Boolean(findBackendFactory(name)) || (OPTIONAL_BACKENDS[name]?.isLikely() ?? true);
}

/** What {@link useBestBackend} takes. */
export interface BestBackendOptions {
  /** This backend and no other; by default what `OD_VAE_BACKEND`, or `od-vae-backend` in the page's address, says. */
  backend?: string | undefined;
}

/**
 * The quickest backend that answers: webgpu, tensorflow, simd, wasm, cpu, each tried once. Prints nothing.
 *
 * A processor that imitates a GPU is slower than `simd`: it is taken only where somebody imported a `webgpu` backend.
 *
 * @throws BackendError when the one that was asked for, by option, environment or address, does not start.
 */
export async function useBestBackend(options: BestBackendOptions = {}): Promise<string> {
  const previous = choosing;
  const choice = (async () => {
    await previous?.catch(() => undefined);
    return chooseBackend(options);
  })();
  choosing = choice;
  try {
    return await choice;
  } finally {
    if (choosing === choice) choosing = undefined;
  }
}

async function chooseBackend({ backend = askedFor() }: BestBackendOptions): Promise<string> {
  if (backend !== undefined) return quietly(() => startBackend(backend));
  for (const name of PREFERENCE) {
    if (!mayStart(name)) continue;
    try {
      await quietly(() => startBackend(name));
      if (!brought.has(name) || !isSoftwareGpu()) return name;
    } catch {
      // This one does not answer here; the next may.
    }
  }
  throw new BackendError(`useBestBackend: none of ${PREFERENCE.join(', ')} starts on this machine.`);
}

/** The backend that the environment or the address asks for. */
function askedFor(): string | undefined {
  const named = environment(VARIABLE);
  if (named) return named;
  const { search } = (globalThis as { location?: Location }).location ?? { search: '' };
  return new URLSearchParams(search).get(PARAMETER) || undefined;
}

/** What the `webgpu` backend tells of itself. */
interface GpuBackend {
  storage?: ClipStorage;
  readonly hasHalves?: boolean;
  readonly isSoftware?: boolean;
}

/** In how many bits a backend stores the clips between its kernels. */
export type ClipStorage = 'f32' | 'f16';

/**
 * Has the backend in use store the clips between its kernels in 32 or 16 bits: half the memory and traffic for about three
 * digits. Only `webgpu` can, on GPUs with `shader-f16`; see {@link hasHalfStorage}.
 *
 * @throws BackendError when the backend in use, or its GPU, has no 16 bits.
 */
export function useStorage(storage: ClipStorage): void {
  const backend = active() as GpuBackend;
  if (backend.storage !== undefined) backend.storage = storage;
  else if (storage !== 'f32') {
    throw new BackendError(`useStorage: ${storage} needs the backend webgpu, but "${getBackend()}" is in use.`);
  }
}

/** Whether {@link useStorage} takes `f16` from the backend in use. */
export function hasHalfStorage(): boolean {
  return (active() as GpuBackend).hasHalves === true;
}

/** Whether the backend in use is WebGPU without a GPU: SwiftShader in Chromium, Mesa's llvmpipe, Windows' WARP. */
export function isSoftwareGpu(): boolean {
  return (active() as GpuBackend).isSoftware === true;
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
  await choosing?.catch(() => undefined);
  if (!getBackend()) return useBestBackend();
  await ready();
  prepareBackend();
  return getBackend();
}

/** What the stock backends need before they are fit for use. */
function prepareBackend(): void {
  silenceBanner(active());
  if (getBackend() !== 'wasm') return;
  guardWasmMemory(active());
  replaceWasmSlice();
}

/** The cpu backend greets Node users on its first write; that is not for our users' terminals. */
function silenceBanner(backend: object): void {
  if ('firstUse' in backend) backend.firstUse = false;
}
