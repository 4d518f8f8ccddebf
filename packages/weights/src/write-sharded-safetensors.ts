import { ConfigError } from '@od-vae/core/base';
import { type StagedFile, stageFile } from '@od-vae/core/files';

import { tensorBytes } from './dtype.ts';
import { safetensorsChunks, type SafetensorsOptions } from './encode-safetensors.ts';
import type { WritableTensor } from './stored-tensor.ts';

/** How a model is written in pieces. */
export interface ShardOptions extends SafetensorsOptions {
  /** Bytes of tensors that a file holds at most; a larger tensor has a file of its own. */
  maxShardBytes: number;
  /** What the files' names begin with; diffusers' `diffusion_pytorch_model` by default. */
  name?: string | undefined;
}

/**
 * Writes a model as several safetensors files and the index that says where each tensor is, as diffusers does; Node only.
 *
 * A model that fits into one file becomes one, without an index. The files appear together when all are whole; progress
 * counts bytes, phase `write`.
 *
 * @returns the names of the files, the index last
 * @throws ConfigError when the limit is no positive number; whatever ends the call leaves nothing behind
 */
export async function writeShardedSafetensors(
  folder: string,
  tensors: Iterable<WritableTensor>,
  { maxShardBytes, name = 'diffusion_pytorch_model', metadata, signal, onProgress }: ShardOptions,
): Promise<string[]> {
  if (!(maxShardBytes > 0)) {
    throw new ConfigError(`writeShardedSafetensors: maxShardBytes must be a positive number, but is ${maxShardBytes}.`);
  }
  const { join } = await import('#node/path');
  const shards = shardsOf(tensors, maxShardBytes);
  const total = shards.reduce((sum, { bytes }) => sum + bytes, 0);
  const files: { file: string; staged: StagedFile }[] = [];
  let done = 0;
  try {
    for (const [index, { tensors: part, bytes }] of shards.entries()) {
      const file = shards.length === 1 ? `${name}.safetensors` : shardName(name, index + 1, shards.length);
      const before = done;
      const onShard = (progress: { done: number }) =>
        onProgress?.({ phase: 'write', done: Math.min(before + progress.done, before + bytes), total });
      const chunks = safetensorsChunks(part, { metadata, signal, onProgress: onShard });
      files.push({ file, staged: await stageFile(join(folder, file), chunks) });
      done += bytes;
    }
    if (shards.length > 1) {
      const file = `${name}.safetensors.index.json`;
      const text = indexText(
        shards.map(({ tensors: part }, index) => ({ file: files[index]!.file, part })),
        total,
      );
      files.push({ file, staged: await stageFile(join(folder, file), text) });
    }
    for (const { staged } of files) await staged.commit();
    return files.map(({ file }) => file);
  } finally {
    for (const { staged } of files) await staged.discard();
  }
}

interface Shard {
  readonly tensors: WritableTensor[];
  readonly bytes: number;
}

/** Tensors in their order, as many to a shard as fit. */
function shardsOf(tensors: Iterable<WritableTensor>, maxShardBytes: number): Shard[] {
  const shards: { tensors: WritableTensor[]; bytes: number }[] = [];
  for (const tensor of tensors) {
    const bytes = tensorBytes(tensor.shape, tensor.dtype) ?? 0;
    const last = shards.at(-1);
    if (last && last.bytes + bytes <= maxShardBytes) {
      last.tensors.push(tensor);
      last.bytes += bytes;
    } else {
      shards.push({ tensors: [tensor], bytes });
    }
  }
  return shards.length > 0 ? shards : [{ tensors: [], bytes: 0 }];
}

function shardName(name: string, number: number, count: number): string {
  const digits = (value: number) => String(value).padStart(5, '0');
  return `${name}-${digits(number)}-of-${digits(count)}.safetensors`;
}

function indexText(shards: readonly { file: string; part: readonly WritableTensor[] }[], total: number): string {
  const places = shards.flatMap(({ file, part }) => part.map(({ name }): [string, string] => [name, file]));
  const sorted = places.toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `${JSON.stringify({ metadata: { total_size: total }, weight_map: Object.fromEntries(sorted) }, undefined, 2)}\n`;
}
