import { CheckpointError, ConfigError, listPrefixes, type LongCallOptions } from '@od-vae/core';
import type { SpatialUpsample } from '@od-vae/layers';
import { assertFits, loadOdVaeParams, type OdVaeConfig, parseConfig, releases, variants } from '@od-vae/models';
import {
  type Checkpoint,
  type CheckpointSource,
  openCheckpoint,
  type OpenCheckpointOptions,
  renameCheckpoint,
} from '@od-vae/weights';

import { currentBackend } from './backend.ts';
import { hashWeights } from './hash-weights.ts';
import type { Model } from './model.ts';

/** What {@link loadPretrained} takes. */
export interface PretrainedOptions extends LongCallOptions, Pick<OpenCheckpointOptions, 'fetch' | 'hub' | 'useEma'> {
  /** An official `config.json`, parsed; by default the one beside the weights, else the published one that fits them. */
  config?: unknown;
  /** `'trilinear'` by default, which released checkpoints need; `'nearest'` decodes images as SD-VAE does. */
  spatialUpsample?: SpatialUpsample | undefined;
}

/** Families whose names are turned into Open-Sora-Plan's. */
const FOREIGN: ReadonlySet<string> = new Set(['diffusers', 'compvis']);

/**
 * A model from a checkpoint of any kind.
 *
 * @param source `'small'` (ships with the project), a folder, a file, a URL, a Blob, or an id of the Hugging Face Hub
 * @throws CheckpointError when it cannot be read or its weights do not fit the config; ConfigError when that is wrong.
 */
export async function loadPretrained(
  source: CheckpointSource,
  { config, spatialUpsample = 'trilinear', onProgress, signal, ...options }: PretrainedOptions = {},
): Promise<Model> {
  await currentBackend();
  const checkpoint = await openModel(source, { signal, ...options });
  try {
    const named = FOREIGN.has(checkpoint.family) ? renameCheckpoint(checkpoint, 'open-sora-plan') : checkpoint;
    const parsed = await configFor(source, named, config);
    if (!parsed.doubleZ) {
      throw new ConfigError(
        `${checkpoint.label}: the encoder must give mean and variance (double_z: true), but gives a mean alone.`,
      );
    }
    const hashed = hashWeights(named);
    const params = await loadOdVaeParams(hashed, parsed, { onProgress, signal });
    const label = source === 'small' ? 'small' : checkpoint.label;
    return { config: parsed, params, spatialUpsample, label, weightHash: await hashed.hash() };
  } finally {
    await checkpoint.close();
  }
}

async function openModel(source: CheckpointSource, options: OpenCheckpointOptions): Promise<Checkpoint> {
  if (source !== 'small') return openCheckpoint(source, options);
  const { weightsUrl } = await import('@od-vae/small');
  if (weightsUrl.protocol === 'file:') return openCheckpoint(weightsUrl, options);
  // Over a network the 9 MB come at once rather than tensor by tensor.
  const response = await (options.fetch ?? fetch)(weightsUrl, { signal: options.signal ?? null });
  if (!response.ok)
    throw new CheckpointError(`${weightsUrl}: the server gave ${response.status} instead of the weights.`);
  return openCheckpoint(await response.blob(), options);
}

async function configFor(source: CheckpointSource, checkpoint: Checkpoint, config: unknown): Promise<OdVaeConfig> {
  const official = config ?? checkpoint.config ?? (source === 'small' ? await smallConfig() : undefined);
  return official === undefined ? fittingConfig(checkpoint) : parseConfig(official);
}

/** A bundler gives the shipped files names of their own, so the config no longer lies beside the weights. */
async function smallConfig(): Promise<unknown> {
  const { configUrl } = await import('@od-vae/small');
  return (await fetch(configUrl)).json();
}

/** The published config whose weights these are. */
function fittingConfig(checkpoint: Checkpoint): OdVaeConfig {
  for (const preset of [...Object.values(releases), ...Object.values(variants)]) {
    const config = parseConfig(preset);
    try {
      assertFits(checkpoint, config);
      return config;
    } catch {
      // Another one may fit.
    }
  }
  const names = [...checkpoint.tensors.keys()];
  if (checkpoint.family === 'unknown') {
    throw new CheckpointError(
      `${checkpoint.label}: expected the weights of an autoencoder, such as "encoder.conv_in.conv.weight", ` +
        `but it holds ${names.length} tensors: ${listPrefixes(names) || 'none'}; save the model's state_dict alone.`,
    );
  }
  throw new CheckpointError(
    `${checkpoint.label}: there is no config.json beside it, and its weights are those of no published model; give \`config\`.`,
  );
}
