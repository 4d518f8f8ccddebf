import {
  CheckpointError,
  fromStored,
  listNames,
  listPrefixes,
  type LongCallOptions,
  mapSpec,
  type ParamTree,
  type SourceTensor,
  type TensorSource,
  toStored,
} from '@od-vae/core';
import { tensor, type Tensor } from '@tensorflow/tfjs-core';

import type { OdVaeConfig } from './config.ts';
import { type StoredParam, storedParams } from './names.ts';
import { odVaeSpec, type OdVaeParams } from './od-vae.ts';

/** Parts of training checkpoints that hold no weights of the model. */
const NOT_THE_MODEL = /loss/;

/**
 * Refuses weights that do not fit: every one that the model needs must be there with its shape, and nothing else may be,
 * save what belongs to a loss.
 *
 * @throws CheckpointError that names the weights.
 */
export function assertFits(source: TensorSource, config: OdVaeConfig): void {
  const stored = storedParams(odVaeSpec(config));
  const missing = stored.filter(({ name }) => !source.tensors.has(name)).map(({ name }) => name);
  if (missing.length > 0) {
    throw new CheckpointError(
      `${source.label}: the model needs ${stored.length} weights, but ${missing.length} ${missing.length === 1 ? 'is' : 'are'} missing: ${listNames(missing)}${missing.length * 2 > stored.length ? `; ${contents(source)}` : ''}.`,
    );
  }
  const known = new Set(stored.map(({ name }) => name));
  const spare = [...source.tensors.keys()].filter((name) => !known.has(name) && !NOT_THE_MODEL.test(name));
  if (spare.length > 0) {
    throw new CheckpointError(
      `${source.label}: has ${spare.length} ${spare.length === 1 ? 'weight' : 'weights'} the model does not use: ${listNames(spare)}.`,
    );
  }
  for (const { name, shape } of stored) assertShape(name, source.tensors.get(name)!, shape, source.label);
}

/** Describes what a source holds, for messages about what it lacks. */
function contents({ tensors }: TensorSource): string {
  const names = [...tensors.keys()];
  return names.length === 0 ? 'it holds no tensors' : `it holds ${names.length} tensors: ${listPrefixes(names)}`;
}

function assertShape(name: string, { shape }: SourceTensor, expected: readonly number[], label: string): void {
  if (shape.length !== expected.length || shape.some((dimension, axis) => dimension !== expected[axis])) {
    throw new CheckpointError(`${label}: "${name}" is [${shape}], but the model needs [${expected}].`);
  }
}

/**
 * The model's weights from a checkpoint with Open-Sora-Plan's names, read one by one and turned to channels last.
 *
 * @throws CheckpointError as {@link assertFits} does, before anything is allocated, or for a value that is no finite number.
 */
export async function loadOdVaeParams(
  source: TensorSource,
  config: OdVaeConfig,
  { onProgress, signal }: LongCallOptions = {},
): Promise<OdVaeParams> {
  assertFits(source, config);
  const spec = odVaeSpec(config);
  const stored = storedParams(spec);
  const loaded = new Map<string, Tensor>();
  try {
    for (const [index, { name, path, spec: leaf }] of stored.entries()) {
      signal?.throwIfAborted();
      const values = await source.tensors.get(name)!.float32();
      assertFinite(name, values, source.label);
      loaded.set(path, tensor(fromStored(values, leaf), [...leaf.shape], 'float32'));
      onProgress?.({ phase: 'load', done: index + 1, total: stored.length });
    }
  } catch (error) {
    for (const weight of loaded.values()) weight.dispose();
    throw error;
  }
  return mapSpec(spec, (_, path) => loaded.get(path.join('.'))!) as OdVaeParams;
}

/** A weight that is no number would make every picture black, without an error. */
function assertFinite(name: string, values: Float32Array, label: string): void {
  let zero = 0;
  // A finite number less itself is zero, and of all others NaN comes: a sum is quicker than a look at each.
  for (const value of values) zero += value - value;
  if (Number.isNaN(zero)) {
    const wrong = values.findIndex((value) => !Number.isFinite(value));
    throw new CheckpointError(
      `${label}: "${name}" must hold finite numbers, but has ${values[wrong]} at ${wrong} of ${values.length}.`,
    );
  }
}

/** One weight for a file, as `writeSafetensors` takes it: name and shape in Open-Sora-Plan's layout, values on request. */
export interface ExportedParam extends StoredParam {
  readonly dtype: 'F32';
  float32(): Promise<Float32Array>;
  /** The same values as little-endian bytes. */
  bytes(): Promise<Uint8Array>;
}

/** A model's weights as Open-Sora-Plan's files hold them, read back only when asked for. */
export function exportOdVaeParams(params: OdVaeParams, config: OdVaeConfig): ExportedParam[] {
  return storedParams(odVaeSpec(config)).map((stored) => {
    const float32 = async (): Promise<Float32Array> =>
      toStored((await weightAt(params as ParamTree, stored.path).data()) as Float32Array, stored.spec);
    const bytes = async (): Promise<Uint8Array> => {
      const values = await float32();
      return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    };
    return { ...stored, dtype: 'F32', float32, bytes };
  });
}

function weightAt(params: ParamTree, path: string): Tensor {
  return path
    .split('.')
    .reduce<ParamTree>((tree, part) => (tree as Record<string, ParamTree>)[part]!, params) as Tensor;
}
