import { CheckpointError } from '@od-vae/core/base';

import type { ByteSource } from './byte-source.ts';
import type { Checkpoint } from './checkpoint.ts';
import { checkpointKind, KIND_BYTES } from './checkpoint-kind.ts';
import { detectFamily } from './family.ts';
import { findWeights } from './find-weights.ts';
import type { Folder } from './folder.ts';
import { legacyTorchError } from './legacy-torch.ts';
import { type CheckpointSource, locate } from './locate.ts';
import type { OpenCheckpointOptions } from './open-checkpoint-options.ts';
import { readJson } from './parse-json.ts';
import { readSafetensors } from './read-safetensors.ts';
import { readShards } from './read-shards.ts';
import { readTorch } from './read-torch.ts';
import type { StoredTensor } from './stored-tensor.ts';
import { torchState } from './torch-state.ts';
import { UnreadTensor } from './torch-tensor-record.ts';
import { trimNames } from './trim-names.ts';

const MAX_CONFIG_BYTES = 2 ** 20;
const MAX_INDEX_BYTES = 100_000_000;

/** What every format gives: tensors by the names of the file, and what else is known. */
type Content = Pick<Checkpoint, 'format' | 'part' | 'ignored' | 'metadata'> & {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
};

/**
 * Opens a checkpoint: safetensors (sharded too) or PyTorch, told apart by content; only headers are read.
 *
 * In a folder, the last `*.ckpt` by name is taken, else diffusers' names, else the one safetensors file. Nothing of a
 * PyTorch file is ever run. Progress is that of downloads from the Hub, in bytes, phase `download`.
 *
 * @throws CheckpointError when there is no checkpoint, or it is damaged, hostile or of a format that is not read
 */
export async function openCheckpoint(
  source: CheckpointSource,
  options: OpenCheckpointOptions = {},
): Promise<Checkpoint> {
  const opened: ByteSource[] = [];
  const close = async (): Promise<void> => {
    for (const file of opened) await file.close();
  };
  try {
    options.signal?.throwIfAborted();
    const { label, folder, file } = await locate(source, options);
    const main = file ?? (await findWeights(folder!));
    opened.push(main);
    const content = await readContent(main, folder, (shard) => opened.push(shard), options.useEma ?? true);
    const config = folder && (await readConfig(folder));
    const family = detectFamily(content.tensors.keys());
    return { label, ...content, family, config, close, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function readContent(
  main: ByteSource,
  folder: Folder | undefined,
  keep: (source: ByteSource) => void,
  useEma: boolean,
): Promise<Content> {
  const head = await main.read(0, Math.min(KIND_BYTES, main.size));
  switch (checkpointKind(head)) {
    case 'safetensors':
    case 'latents': {
      const { tensors, metadata } = await readSafetensors(main);
      return { format: 'safetensors', metadata, ...ownTensors(tensors, main.label, useEma) };
    }
    case 'torch':
      return readTorchContent(main, useEma);
    case 'json': {
      if (!folder)
        throw new CheckpointError(`${main.label} is an index of shards, which must be opened from their folder.`);
      const index = await readJson(main, MAX_INDEX_BYTES);
      const { tensors, metadata, ignored } = await readShards(index, folder, keep);
      const own = ownTensors(tensors, main.label, useEma);
      return { format: 'safetensors', metadata, ...own, ignored: [...own.ignored, ...ignored] };
    }
    case 'torch-legacy':
      throw legacyTorchError(main.label);
    case 'other':
      throw new CheckpointError(
        `${main.label} is neither safetensors nor a PyTorch checkpoint: it begins with ${beginning(head)}.`,
      );
  }
}

async function readTorchContent(main: ByteSource, useEma: boolean): Promise<Content> {
  const { root, tensor } = await readTorch(main);
  const { part, records, ignored } = torchState(root, useEma, main.label);
  const trimmed = trimNames(records.keys(), { useEma, label: main.label });
  const tensors = Array.from(trimmed.names, ([name, original]): [string, StoredTensor] => {
    const record = records.get(original)!;
    if (record instanceof UnreadTensor) {
      throw new CheckpointError(`${main.label}: the tensor "${original}" ${record.reason}.`);
    }
    return [name, tensor(name, record)];
  });
  return {
    format: 'torch',
    metadata: {},
    part: trimmed.module ?? part,
    ignored: [...ignored, ...trimmed.ignored],
    tensors: new Map(tensors),
  };
}

function ownTensors(
  tensors: ReadonlyMap<string, StoredTensor>,
  label: string,
  useEma: boolean,
): Pick<Content, 'part' | 'ignored' | 'tensors'> {
  const { module, names, ignored } = trimNames(tensors.keys(), { useEma, label });
  const own = Array.from(names, ([name, original]): [string, StoredTensor] => [
    name,
    { ...tensors.get(original)!, name },
  ]);
  return { part: module ?? 'all', ignored, tensors: new Map(own) };
}

async function readConfig(folder: Folder): Promise<unknown> {
  const source = await folder.open('config.json');
  if (!source) return undefined;
  try {
    return await readJson(source, MAX_CONFIG_BYTES);
  } finally {
    await source.close();
  }
}

function beginning(head: Uint8Array): string {
  if (head.length === 0) return 'nothing: it is empty';
  const text = new TextDecoder('latin1').decode(head.subarray(0, 24));
  return JSON.stringify(text.replaceAll(/[^\x20-\x7e]/g, '.'));
}
