import { basename, dirname, join } from 'node:path';

import { CheckpointError, listPrefixes, type LongCallOptions, sizeOf } from '@od-vae/core';
import { stageFile, updateFolder, writeAtomically } from '@od-vae/core/files';
import { describeConfig } from '@od-vae/models';
import {
  bytesPerValue,
  type Checkpoint,
  openCheckpoint,
  renameCheckpoint,
  renameTensors,
  type SafetensorsOptions,
  type WritableTensor,
  writeSafetensors,
  writeShardedSafetensors,
} from '@od-vae/weights';

import { UsageError } from '../usage-error.ts';
import { writeError } from '../write-error.ts';
import type { ConvertReport, ConvertRequest } from './convert-request.ts';
import { convertTensor, writableTensor } from './convert-tensor.ts';
import { inflate } from './inflate.ts';
import { configOfSource, type ModelConfig } from './model-config.ts';
import { planConfig } from './plan-config.ts';
import { assertNotSource, isWeightsFile, makeFolder, type Target, targetOf } from './target.ts';

/** Networks of the training loss, which are no part of a model. */
const LOSS = /^loss\./;

/** Weights ready to be written, and the config that goes with them. */
interface Converted extends ModelConfig {
  readonly family: string;
  readonly tensors: readonly WritableTensor[];
}

/**
 * Turns a checkpoint into safetensors: other names, another element type, or an SD-VAE into a video VAE.
 *
 * Progress counts bytes, phase `write`. Whatever ends the call leaves nothing half-written.
 *
 * @throws CheckpointError when the source cannot be read or has no place in what is asked for
 * @throws UsageError when the output cannot be written to
 */
export async function convertCheckpoint(request: ConvertRequest, options: LongCallOptions): Promise<ConvertReport> {
  const began = performance.now();
  const target = await targetOf(request.output);
  if (request.shardBytes !== undefined && !target.isFolder) {
    throw new UsageError(
      `--shard-size writes several files, so the output must be a folder, but is "${request.output}".`,
    );
  }
  await assertNotSource(request.input, target);
  const checkpoint = await openCheckpoint(request.input, { ...options, useEma: request.useEma });
  try {
    const converted = request.inflation
      ? inflated(checkpoint, request, request.inflation)
      : renamed(checkpoint, request, target);
    const config = await planConfig(request.input, target, converted);
    const output = await writeModel(target, converted.tensors, config.text, checkpoint, {
      ...options,
      shardBytes: request.shardBytes,
    });
    return {
      input: request.input,
      output,
      config: config.belongs ? target.config : undefined,
      family: converted.family,
      part: checkpoint.part,
      architecture: converted.architecture,
      ...summary(converted.tensors),
      ignored: checkpoint.ignored.length + lossCount(checkpoint),
      seconds: (performance.now() - began) / 1000,
      note: config.note,
    };
  } finally {
    await checkpoint.close();
  }
}

/** Refuses names of an autoencoder that no loader would find, such as those under an unknown prefix. */
function assertNamed({ family, label, tensors }: Checkpoint): void {
  const names = [...tensors.keys()];
  if (family !== 'unknown' || !names.some((name) => /(?:^|\.)(?:encoder|decoder)\./.test(name))) return;
  throw new CheckpointError(
    `${label}: expected the weights of one autoencoder, such as "encoder.conv_in.conv.weight", ` +
      `but it holds ${names.length} tensors: ${listPrefixes(names)}; save the model's state_dict alone.`,
  );
}

function renamed(checkpoint: Checkpoint, { to, dtype }: ConvertRequest, target: Target): Converted {
  assertNamed(checkpoint);
  const named = to === undefined ? checkpoint : renameCheckpoint(checkpoint, to);
  const own = [...named.tensors.values()].filter(({ name }) => !LOSS.test(name));
  const tensors = own.map((tensor) => convertTensor(tensor, dtype));
  return { ...configOfSource(checkpoint, target), family: named.family, tensors };
}

function inflated(
  checkpoint: Checkpoint,
  { to = 'open-sora-plan', dtype }: ConvertRequest,
  inflation: NonNullable<ConvertRequest['inflation']>,
): Converted {
  const model = inflate(checkpoint, inflation);
  const shapes = new Map(Array.from(model.source.tensors, ([name, { shape }]) => [name, shape]));
  const names = renameTensors(shapes, to);
  const tensors = Array.from(model.source.tensors, ([original, tensor]) => {
    const { name, shape } = names.get(original)!;
    return writableTensor(name, { shape, float32: () => tensor.float32() }, dtype ?? model.dtype);
  });
  return { family: to, tensors, official: model.config.official, architecture: describeConfig(model.config) };
}

async function writeModel(
  target: Target,
  tensors: readonly WritableTensor[],
  configText: string | undefined,
  checkpoint: Checkpoint,
  { shardBytes, ...options }: LongCallOptions & Pick<ConvertRequest, 'shardBytes'>,
): Promise<string> {
  const metadata = { format: 'pt', ...checkpoint.metadata };
  const removeFolder = await makeFolder(target);
  try {
    const write = (place: Pick<Target, 'weights' | 'config'>) =>
      writeFiles(place, tensors, configText, { ...options, metadata, shardBytes });
    if (!target.isFolder) return await write(target);
    const { weights, config } = target;
    const moved = (folder: string, path: string): string => join(folder, basename(path));
    const file = await updateFolder(dirname(weights), isWeightsFile, async (folder) =>
      basename(await write({ weights: moved(folder, weights), config: moved(folder, config) })),
    );
    return moved(dirname(weights), file);
  } catch (error) {
    await removeFolder().catch(() => undefined);
    throw writeError(target.weights, error);
  }
}

/** Writes the weights, as one file or as shards with an index, and the config; returns the path that loaders need. */
async function writeFiles(
  { weights, config }: Pick<Target, 'weights' | 'config'>,
  tensors: readonly WritableTensor[],
  configText: string | undefined,
  { shardBytes, ...options }: SafetensorsOptions & Pick<ConvertRequest, 'shardBytes'>,
): Promise<string> {
  if (shardBytes !== undefined) {
    const folder = dirname(weights);
    const files = await writeShardedSafetensors(folder, tensors, { ...options, maxShardBytes: shardBytes });
    if (configText !== undefined) await writeAtomically(config, configText);
    return join(folder, files.at(-1)!);
  }
  const staged = configText === undefined ? undefined : await stageFile(config, configText);
  try {
    await writeSafetensors(weights, tensors, options);
    await staged?.commit();
    return weights;
  } finally {
    await staged?.discard();
  }
}

function lossCount({ tensors }: Checkpoint): number {
  return [...tensors.keys()].filter((name) => LOSS.test(name)).length;
}

function summary(
  tensors: readonly WritableTensor[],
): Pick<ConvertReport, 'tensors' | 'parameters' | 'dtypes' | 'bytes'> {
  const dtypes: Record<string, number> = {};
  let parameters = 0;
  let bytes = 0;
  for (const { dtype, shape } of tensors) {
    dtypes[dtype] = (dtypes[dtype] ?? 0) + 1;
    parameters += sizeOf(shape);
    bytes += sizeOf(shape) * bytesPerValue(dtype);
  }
  return { tensors: tensors.length, parameters, dtypes, bytes };
}
