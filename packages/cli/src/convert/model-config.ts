import { describeConfig, type OdVaeConfig, parseConfig } from '@od-vae/models';
import { type Checkpoint, renameCheckpoint } from '@od-vae/weights';

import { compareWeights, fits } from '../inspect/compare-weights.ts';
import { matchArchitecture } from './match-architecture.ts';
import type { Target } from './target.ts';

/** The config that goes with converted weights, and a remark where the user should know more. */
export interface ModelConfig {
  /** The content of `config.json`; undefined where none is written. */
  readonly official: unknown;
  readonly architecture?: string | undefined;
  readonly note?: string | undefined;
}

/**
 * The config of weights that keep their kind: that of the source, unless it belongs to another model; for a folder also
 * one told from the shapes.
 */
export function configOfSource(checkpoint: Checkpoint, { isFolder }: Target): ModelConfig {
  const own = checkpoint.config;
  const parsed = own === undefined ? undefined : videoConfig(own);
  if (own !== undefined && parsed === undefined) return { official: own };
  if (parsed && checkpoint.family !== 'unknown') {
    const fit = fits(compareWeights(renameCheckpoint(checkpoint, 'open-sora-plan'), parsed));
    if (fit) return { official: own, architecture: describeConfig(parsed) };
  }
  const match = isFolder ? matchArchitecture(checkpoint) : undefined;
  return {
    official: match?.config.official,
    architecture: match?.name,
    note: parsed && 'config.json beside the source does not fit these weights, so it was not taken along.',
  };
}

/** A config as that of a video VAE; undefined where it is none of ours, such as that of diffusers' AutoencoderKL. */
function videoConfig(official: unknown): OdVaeConfig | undefined {
  const keys = Object.keys((official ?? {}) as object);
  return keys.includes('hidden_size') || keys.includes('hidden_size_mult') ? parseConfig(official) : undefined;
}
