import { CheckpointError } from '@od-vae/core/base';
import { describe, expect, it } from 'vitest';

import { blobSource } from './byte-source.ts';
import { encodeSafetensors } from './encode-safetensors.ts';
import { readShards } from './read-shards.ts';
import { storedTensor } from './stored-tensor.ts';

async function shard(...names: string[]): Promise<Blob> {
  const tensors = names.map((name) =>
    storedTensor({ name, dtype: 'U8', shape: [1], bytes: async () => Uint8Array.of(7) }),
  );
  return new Blob([await encodeSafetensors(tensors)]);
}

async function read(
  index: unknown,
  files: Record<string, Blob> = {},
): Promise<{ names: string[]; ignored: readonly string[] }> {
  const folder = {
    label: 'the folder',
    list: async () => Object.keys(files),
    open: async (name: string) => (files[name] ? blobSource(files[name], name) : undefined),
  };
  const { tensors, ignored } = await readShards(index, folder, () => {});
  return { names: [...tensors.keys()], ignored };
}

describe('readShards', () => {
  it('joins shards in the order of the index, and leaves out what it does not name', async () => {
    const files = { '1.safetensors': await shard('a', 'c', 'spare'), '2.safetensors': await shard('b') };
    const index = { weight_map: { c: '1.safetensors', b: '2.safetensors', a: '1.safetensors' } };
    expect(await read(index, files)).toEqual({ names: ['c', 'b', 'a'], ignored: ['spare'] });
  });

  it.each<[string, unknown, string]>([
    ['an index without places', { metadata: {} }, 'The index of the folder has no object "weight_map".'],
    ['an index of nothing', { weight_map: {} }, 'names 0 shards, but 1 to 1000 are read'],
    ['a shard that is no text', { weight_map: { a: 1 } }, 'places "a" in 1'],
    [
      'a shard in the folder above',
      { weight_map: { a: '../x.safetensors' } },
      'places "a" in "../x.safetensors", but a shard is',
    ],
    ['a shard in a folder below', { weight_map: { a: 'sub/x.safetensors' } }, 'a .safetensors file beside it'],
    [
      'a shard in a folder of Windows',
      { weight_map: { a: String.raw`..\x.safetensors` } },
      'a .safetensors file beside it',
    ],
    ['a shard at an address', { weight_map: { a: 'http:x.safetensors' } }, 'a .safetensors file beside it'],
    ['a shard of another kind', { weight_map: { a: 'passwd' } }, 'a .safetensors file beside it'],
    [
      'too many shards',
      { weight_map: Object.fromEntries(Array.from({ length: 1001 }, (_, i) => [`${i}`, `${i}.safetensors`])) },
      'names 1001 shards',
    ],
    [
      'a shard that is missing',
      { weight_map: { a: '9.safetensors' } },
      'the folder lacks 9.safetensors, which its index names.',
    ],
  ])('refuses %s', async (_, index, message) => {
    await expect(read(index)).rejects.toThrow(CheckpointError);
    await expect(read(index)).rejects.toThrow(message);
  });

  it('refuses a shard that lacks a tensor', async () => {
    const files = { '1.safetensors': await shard('a') };
    await expect(read({ weight_map: { b: '1.safetensors' } }, files)).rejects.toThrow(
      '1.safetensors lacks "b", which the index of the folder places there.',
    );
  });
});
