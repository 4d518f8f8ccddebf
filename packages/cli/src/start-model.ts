import { BackendError, type LongCallOptions } from '@od-vae/core';
import { strides } from '@od-vae/models';
import { findBackendFactory } from '@tensorflow/tfjs-core';
import { OdVae, type Tiling, useBackend, useBestBackend } from 'od-vae';

import type { TilingFlags } from './options/clip-options.ts';
import type { ModelFlags } from './options/model-options.ts';
import { UsageError } from './usage-error.ts';

/**
 * The model that the options name, on the backend that they name. Its owner disposes it.
 *
 * @throws UsageError when nobody knows the backend
 */
export async function startModel(
  { model, backend, spatialUpsample }: ModelFlags,
  options: LongCallOptions,
): Promise<OdVae> {
  await startBackend(backend);
  return OdVae.fromPretrained(model, { spatialUpsample, ...options });
}

async function startBackend(name: string | undefined): Promise<void> {
  if (name === undefined) {
    await useBestBackend();
    return;
  }
  try {
    await useBackend(name);
  } catch (error) {
    const unknown = error instanceof BackendError && !findBackendFactory(name);
    throw unknown ? new UsageError(error.message, { cause: error }) : error;
  }
}

/** The tiling that `--tile-frames` asks for: groups of frames, and the latents of as many; undefined for the default. */
export function tilingFor({ tileFrames }: TilingFlags, vae: OdVae): Tiling | undefined {
  if (tileFrames === undefined) return undefined;
  return { frames: tileFrames, latents: (tileFrames - 1) / strides(vae.config).time + 1 };
}
