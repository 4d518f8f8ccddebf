import { BackendError, initParams, type LongCallOptions } from '@od-vae/core';
import { odVaeSpec, type OdVaeParams, parseConfig, variants } from '@od-vae/models';
import { findBackendFactory } from '@tensorflow/tfjs-core';
import { type ClipStorage, OdVae, useBackend, useBestBackend, useStorage } from 'od-vae';

import type { ModelFlags } from './options/model-options.ts';
import { UsageError } from './usage-error.ts';

/**
 * The model that the options name, on the backend that they name. Its owner disposes it.
 *
 * @throws UsageError when nobody knows the backend
 */
export async function startModel(
  { model, backend, storage, spatialUpsample }: ModelFlags,
  options: LongCallOptions,
): Promise<OdVae> {
  await startBackend(backend, storage);
  return OdVae.fromPretrained(model, { spatialUpsample, ...options });
}

/** One of the paper's variants in full width, with random weights, on the backend that the options name. */
export async function startVariant(
  variant: '1' | '2' | '3' | '4',
  { backend, storage, spatialUpsample = 'trilinear' }: Omit<ModelFlags, 'model'>,
): Promise<OdVae> {
  await startBackend(backend, storage);
  const config = parseConfig(variants[variant]);
  const params = initParams(odVaeSpec(config)) as OdVaeParams;
  return new OdVae({ config, params, spatialUpsample, label: `variant ${variant}, random weights` });
}

/**
 * Starts the backend of this name, or the best that answers.
 *
 * @throws UsageError when nobody knows the backend
 * @throws BackendError when it cannot store clips as asked
 */
export async function startBackend(name: string | undefined, storage?: ClipStorage): Promise<void> {
  await (name === undefined ? useBestBackend() : startNamed(name));
  if (storage !== undefined) useStorage(storage);
}

async function startNamed(name: string): Promise<void> {
  try {
    await useBackend(name);
  } catch (error) {
    const unknown = error instanceof BackendError && !findBackendFactory(name);
    throw unknown ? new UsageError(error.message, { cause: error }) : error;
  }
}
