import {
  loadOdVaeParams,
  odVaeSpec,
  parseConfig,
  storedParams,
  type OdVaeConfig,
  type OdVaeParams,
} from '@od-vae/models';
import type { SourceTensor, TensorSource } from '@od-vae/core';
import {
  channelsFirst,
  channelsLast,
  goldenInput,
  goldenWeight,
  largestDifference,
  type GoldenFile,
} from '@od-vae/test-utils';
import type { Tensor5D } from '@tensorflow/tfjs-core';

/** The weights that the generator gives a model: those of its config, keyed `prefix.name`. */
export function goldenSource(config: OdVaeConfig, prefix: string, basis: number): TensorSource {
  const tensors = new Map<string, SourceTensor>();
  for (const { name, shape } of storedParams(odVaeSpec(config))) {
    tensors.set(name, { shape, float32: async () => goldenWeight(`${prefix}.${name}`, shape, basis) });
  }
  return { label: `golden weights of ${prefix}`, tensors };
}

/** A golden model: its config and weights; the caller frees the weights. */
export async function goldenModel(
  official: unknown,
  prefix: string,
  basis: number,
): Promise<{ config: OdVaeConfig; params: OdVaeParams }> {
  const config = parseConfig(official);
  return { config, params: await loadOdVaeParams(goldenSource(config, prefix, basis), config) };
}

/** The input clip with this key, from PyTorch's shape to the project's. */
export function goldenClip(key: string, shape: readonly number[], basis: number): Tensor5D {
  return channelsLast({ shape, data: goldenInput(key, shape, basis) });
}

/** Largest difference of a clip to the golden array of this name; infinite when its shape differs. */
export async function distance(clip: Tensor5D, file: GoldenFile, name: string): Promise<number> {
  const expected = file.tensors.get(name);
  if (!expected) throw new Error(`the golden file has no "${name}"`);
  const actual = channelsFirst((await clip.data()) as Float32Array, clip.shape);
  if (String(actual.shape) !== String(expected.shape)) return Number.POSITIVE_INFINITY;
  return largestDifference(actual.data, expected.data);
}
