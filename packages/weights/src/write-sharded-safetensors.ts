import { ConfigError } from '@od-vae/core/base';
import { updateFolder, writeAtomically } from '@od-vae/core/files';

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
 * A model that fits into one file becomes one, without an index. All files appear at once when they are complete and
 * replace the files of a previous model of that name; other files of the folder stay. Progress counts bytes, phase `write`.
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
  return updateFolder(
    folder,
    (file) => isPart(file, name),
    async (temporary) => {
      const files: { file: string; part: readonly WritableTensor[] }[] = [];
      let done = 0;
      for (const [index, { tensors: part, bytes }] of shards.entries()) {
        const file = shards.length === 1 ? `${name}.safetensors` : shardName(name, index + 1, shards.length);
        const before = done;
        const onShard = (progress: { done: number }) =>
          onProgress?.({ phase: 'write', done: Math.min(before + progress.done, before + bytes), total });
        const chunks = safetensorsChunks(part, { metadata, signal, onProgress: onShard });
        await writeAtomically(join(temporary, file), chunks);
        files.push({ file, part });
        done += bytes;
      }
      if (shards.length === 1) return [files[0]!.file];
      const index = `${name}.safetensors.index.json`;
      await writeAtomically(join(temporary, index), indexText(files, total));
      return [...files.map(({ file }) => file), index];
    },
  );
}

/** Whether a file is one that `writeShardedSafetensors` gives a model of a name. */
function isPart(file: string, name: string): boolean {
  if (!file.startsWith(name)) return false;
  return /^(?:-\d{5}-of-\d{5})?\.safetensors$|^\.safetensors\.index\.json$/.test(file.slice(name.length));
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
