import { CheckpointError, listNames, type TensorSource } from '@od-vae/core';
import { inflateCheckpoint } from '@od-vae/initializers';
import { type OdVaeConfig, odVaeSpec, parseConfig, storedParams } from '@od-vae/models';
import { type Checkpoint, type FloatDType, renameCheckpoint } from '@od-vae/weights';

import { architectureNamed } from './architectures.ts';
import { configFromShapes } from './config-from-shapes.ts';
import type { InflationRequest } from './convert-request.ts';
import { isFloat } from './convert-tensor.ts';

/** A video VAE made from an SD-VAE. */
export interface InflatedModel {
  /** Under Open-Sora-Plan's names. */
  readonly source: TensorSource;
  readonly config: OdVaeConfig;
  /** The widest float type of the SD-VAE. */
  readonly dtype: FloatDType;
}

const WIDEST: readonly FloatDType[] = ['F64', 'F32', 'BF16', 'F16'];

/**
 * Makes a video VAE of the checkpoint's own widths from an SD-VAE.
 *
 * @throws CheckpointError when the checkpoint is no SD-VAE, or does not fit the architecture
 */
export function inflate(checkpoint: Checkpoint, request: InflationRequest): InflatedModel {
  assertImageVae(checkpoint);
  const image = renameCheckpoint(checkpoint, 'compvis');
  const { preset } = architectureNamed(request);
  const unseen = {
    normNumGroups: request.normNumGroups ?? numberIn(checkpoint.config, 'norm_num_groups'),
    scalingFactor: numberIn(checkpoint.config, 'scaling_factor'),
  };
  const config = parseConfig(configFromShapes(image, preset, unseen));
  const targets = storedParams(odVaeSpec(config));
  return {
    config,
    source: inflateCheckpoint(image, targets, { method: request.method, seed: request.seed }),
    dtype: widestFloat(checkpoint),
  };
}

/** Whether the weights are those of an image VAE: an encoder and a decoder of 2D kernels, and none over time. */
export function isImageVae({ family, tensors }: Checkpoint): boolean {
  const isWhole = ['encoder.conv_in.weight', 'decoder.conv_in.weight'].every(
    (name) => tensors.get(name)?.shape.length === 4,
  );
  const hasTime = [...tensors].some(([name, { shape }]) => shape.length === 5 && !name.startsWith('loss.'));
  return isWhole && !hasTime && (family === 'compvis' || family === 'diffusers');
}

function assertImageVae(checkpoint: Checkpoint): void {
  if (isImageVae(checkpoint)) return;
  const video = [...checkpoint.tensors.values()].find(({ shape }) => shape.length === 5);
  throw new CheckpointError(
    video
      ? `${checkpoint.label}: --init needs an SD-VAE with kernels of 4 dimensions, but "${video.name}" is [${video.shape}].`
      : `${checkpoint.label}: --init needs an SD-VAE, encoder and decoder, under CompVis' or diffusers' names, but has ${listNames([...checkpoint.tensors.keys()])}.`,
  );
}

function numberIn(config: unknown, key: string): number | undefined {
  const value = (config as Record<string, unknown> | undefined)?.[key];
  return typeof value === 'number' ? value : undefined;
}

function widestFloat({ tensors }: Checkpoint): FloatDType {
  const found = new Set([...tensors.values()].map(({ dtype }) => dtype).filter((dtype) => isFloat(dtype)));
  return WIDEST.find((dtype) => found.has(dtype)) ?? 'F32';
}
