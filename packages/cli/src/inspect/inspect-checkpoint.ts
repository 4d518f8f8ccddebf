import { sizeOf } from '@od-vae/core';
import { countOdVaeParams, describeConfig, type OdVaeConfig, parseConfig } from '@od-vae/models';
import { type Checkpoint, renameCheckpoint } from '@od-vae/weights';

import { isImageVae } from '../convert/inflate.ts';
import { matchArchitecture } from '../convert/match-architecture.ts';
import { compareWeights, fits, type WeightComparison } from './compare-weights.ts';

/** What `od-vae inspect` says of a checkpoint. */
export interface CheckpointReport {
  readonly kind: 'checkpoint';
  readonly input: string;
  readonly format: 'safetensors' | 'torch';
  /** Whose names the weights have. */
  readonly family: string;
  /** Which part of the file is taken, such as `ema_state_dict`; `all` without wrappers. */
  readonly part: string;
  readonly tensors: number;
  readonly parameters: number;
  readonly bytes: number;
  /** Tensors and values by element type. */
  readonly dtypes: Readonly<Record<string, { tensors: number; parameters: number }>>;
  /** Entries of the file that are left out. */
  readonly ignored: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
  /** Where the config of `model` comes from: beside the weights, or told from their shapes. */
  readonly config: 'config.json' | 'shapes' | undefined;
  /** The model that would be loaded; undefined where the weights tell none. */
  readonly model: ModelReport | undefined;
  /** An SD-VAE: `convert --init` makes a video VAE of it. */
  readonly imageVae: boolean;
}

/** The model a checkpoint would be loaded into, and whether it fits. */
export interface ModelReport extends WeightComparison {
  /** Such as `variant 4 (release v1.2)`. */
  readonly architecture: string;
  readonly hiddenSize: number;
  readonly latentChannels: number;
  readonly normGroups: number;
  readonly parameters: number;
  readonly fits: boolean;
  /** The widths are nobody's default, so that loading needs the `config.json` that is not there. */
  readonly needsConfig: boolean;
}

/** Tells what a checkpoint holds and what would become of it; no weight is read. */
export function inspectCheckpoint(input: string, checkpoint: Checkpoint): CheckpointReport {
  const { format, family, part, tensors, ignored, metadata } = checkpoint;
  const { config, model } = modelOf(checkpoint);
  return {
    kind: 'checkpoint',
    input,
    format,
    family,
    part,
    tensors: tensors.size,
    ...totals(checkpoint),
    ignored,
    metadata,
    config,
    model,
    imageVae: isImageVae(checkpoint),
  };
}

function totals({ tensors }: Checkpoint): Pick<CheckpointReport, 'parameters' | 'bytes' | 'dtypes'> {
  const dtypes: Record<string, { tensors: number; parameters: number }> = {};
  let parameters = 0;
  let bytes = 0;
  for (const { dtype, shape, byteLength } of tensors.values()) {
    const count = (dtypes[dtype] ??= { tensors: 0, parameters: 0 });
    count.tensors += 1;
    count.parameters += sizeOf(shape);
    parameters += sizeOf(shape);
    bytes += byteLength;
  }
  return { parameters, bytes, dtypes };
}

/** The config beside the weights decides, as it does when a model is loaded; without one, the shapes may tell. */
function modelOf(checkpoint: Checkpoint): Pick<CheckpointReport, 'config' | 'model'> {
  if (checkpoint.family === 'unknown' || isImageVae(checkpoint)) return { config: undefined, model: undefined };
  if (checkpoint.config !== undefined) {
    return { config: 'config.json', model: modelReport(checkpoint, parseConfig(checkpoint.config), false) };
  }
  const match = matchArchitecture(checkpoint);
  if (!match) return { config: undefined, model: undefined };
  return { config: 'shapes', model: modelReport(checkpoint, match.config, !match.isFullSize) };
}

function modelReport(checkpoint: Checkpoint, config: OdVaeConfig, needsConfig: boolean): ModelReport {
  const comparison = compareWeights(renameCheckpoint(checkpoint, 'open-sora-plan'), config);
  return {
    architecture: describeConfig(config),
    hiddenSize: config.hiddenSize,
    latentChannels: config.latentChannels,
    normGroups: config.normGroups,
    parameters: countOdVaeParams(config).total,
    fits: fits(comparison),
    needsConfig,
    ...comparison,
  };
}
