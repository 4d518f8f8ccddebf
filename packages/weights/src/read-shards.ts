import { CheckpointError } from '@od-vae/core/base';

import type { ByteSource } from './byte-source.ts';
import type { Folder } from './folder.ts';
import { isJsonObject } from './parse-json.ts';
import { readSafetensors, type TensorFile } from './read-safetensors.ts';
import type { StoredTensor } from './stored-tensor.ts';

const MAX_SHARDS = 1000;

/** A file name that stays in its folder. */
const SHARD_NAME = /^[^/\\:]*[^/\\:.][^/\\:]*\.safetensors$/;

/** The tensors of several files, and what the files hold beside them. */
export interface ShardedTensors extends TensorFile {
  readonly ignored: readonly string[];
}

/**
 * The tensors of a sharded checkpoint, in the order of its index (`*.safetensors.index.json`).
 *
 * @param keep called with every file that gets open, whose owner is the caller
 * @throws CheckpointError when a shard is missing, lies in another folder, or lacks a tensor of the index
 */
export async function readShards(
  index: unknown,
  folder: Folder,
  keep: (source: ByteSource) => void,
): Promise<ShardedTensors> {
  const places = weightMap(index, folder.label);
  const shards = new Map<string, TensorFile>();
  for (const name of new Set(places.values())) {
    const source = await folder.open(name);
    if (!source) throw new CheckpointError(`${folder.label} lacks ${name}, which its index names.`);
    keep(source);
    shards.set(name, await readSafetensors(source));
  }
  const tensors = new Map<string, StoredTensor>();
  for (const [name, shard] of places) {
    const tensor = shards.get(shard)!.tensors.get(name);
    if (!tensor)
      throw new CheckpointError(`${shard} lacks "${name}", which the index of ${folder.label} places there.`);
    tensors.set(name, tensor);
  }
  const ignored = [...shards].flatMap(([shard, file]) =>
    [...file.tensors.keys()].filter((name) => places.get(name) !== shard),
  );
  return { tensors, metadata: shards.values().next().value?.metadata ?? {}, ignored };
}

function weightMap(index: unknown, label: string): Map<string, string> {
  const map = isJsonObject(index) ? index['weight_map'] : undefined;
  if (!isJsonObject(map)) throw new CheckpointError(`The index of ${label} has no object "weight_map".`);
  const places = new Map<string, string>();
  for (const [name, shard] of Object.entries(map)) {
    if (typeof shard !== 'string' || !SHARD_NAME.test(shard)) {
      throw new CheckpointError(
        `The index of ${label} places "${name}" in ${JSON.stringify(shard)}, but a shard is a .safetensors file beside it.`,
      );
    }
    places.set(name, shard);
  }
  const count = new Set(places.values()).size;
  if (count === 0 || count > MAX_SHARDS) {
    throw new CheckpointError(`The index of ${label} names ${count} shards, but 1 to ${MAX_SHARDS} are read.`);
  }
  return places;
}
