import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { openCheckpoint } from './open-checkpoint.ts';
import { writeShardedSafetensors } from './write-sharded-safetensors.ts';

const sharded = join(import.meta.dirname, '../fixtures/checkpoints/sharded');
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'od-vae-shards-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

describe('writeShardedSafetensors', () => {
  it('writes shards and an index that read back as the same tensors', async () => {
    await using original = await openCheckpoint(sharded);
    const progress: number[] = [];
    const files = await writeShardedSafetensors(folder, original.tensors.values(), {
      maxShardBytes: 1_000_000,
      onProgress: ({ done, total }) => progress.push(done / total!),
    });
    expect(files).toEqual([
      'diffusion_pytorch_model-00001-of-00003.safetensors',
      'diffusion_pytorch_model-00002-of-00003.safetensors',
      'diffusion_pytorch_model-00003-of-00003.safetensors',
      'diffusion_pytorch_model.safetensors.index.json',
    ]);
    expect((await readdir(folder)).toSorted()).toEqual(files.toSorted());
    expect(progress.at(-1)).toBe(1);
    expect(progress).toEqual(progress.toSorted((a, b) => a - b));
    await using copy = await openCheckpoint(folder);
    expect([...copy.tensors.keys()].toSorted()).toEqual([...original.tensors.keys()].toSorted());
    for (const [name, tensor] of copy.tensors) {
      expect(tensor.dtype).toBe(original.tensors.get(name)!.dtype);
      expect(Buffer.compare(await tensor.bytes(), await original.tensors.get(name)!.bytes()), name).toBe(0);
    }
  });

  it('names the size of all tensors and sorts the map, as Python does', async () => {
    await using original = await openCheckpoint(sharded);
    await writeShardedSafetensors(folder, original.tensors.values(), { maxShardBytes: 1_500_000 });
    const text = await readFile(join(folder, 'diffusion_pytorch_model.safetensors.index.json'), 'utf8');
    const index = JSON.parse(text) as { metadata: { total_size: number }; weight_map: Record<string, string> };
    const total = [...original.tensors.values()].reduce((sum, { byteLength }) => sum + byteLength, 0);
    expect(index.metadata.total_size).toBe(total);
    expect(Object.keys(index.weight_map)).toEqual([...original.tensors.keys()].toSorted());
  });

  it('writes one file without an index where everything fits', async () => {
    await using original = await openCheckpoint(sharded);
    expect(
      await writeShardedSafetensors(folder, original.tensors.values(), { maxShardBytes: 1e9, name: 'model' }),
    ).toEqual(['model.safetensors']);
  });

  it('replaces a model of the same name, however many files it has, and keeps other files', async () => {
    await using original = await openCheckpoint(sharded);
    const tensors = [...original.tensors.values()];
    await writeFile(join(folder, 'README.md'), 'kept');
    await writeShardedSafetensors(folder, tensors, { maxShardBytes: 1e9 });
    const some = await writeShardedSafetensors(folder, tensors, { maxShardBytes: 1_000_000 });
    expect((await readdir(folder)).toSorted()).toEqual(['README.md', ...some].toSorted());
    const more = await writeShardedSafetensors(folder, tensors, { maxShardBytes: 500_000 });
    expect((await readdir(folder)).toSorted()).toEqual(['README.md', ...more].toSorted());
    const failing = { ...tensors[0]!, bytes: () => Promise.reject(new Error('gone')) };
    const again = writeShardedSafetensors(folder, [...tensors.slice(1), failing], { maxShardBytes: 500_000 });
    await expect(again).rejects.toThrow('gone');
    await using copy = await openCheckpoint(folder);
    expect(copy.tensors.size).toBe(tensors.length);
    expect((await readdir(folder)).toSorted()).toEqual(['README.md', ...more].toSorted());
  });

  it('leaves nothing behind when a later shard fails', async () => {
    const tensor = (name: string, bytes: () => Promise<Uint8Array>) => ({
      name,
      dtype: 'F32' as const,
      shape: [2],
      bytes,
    });
    const tensors = [
      tensor('a', async () => new Uint8Array(8)),
      tensor('b', () => Promise.reject(new Error('the source is gone'))),
    ];
    await expect(writeShardedSafetensors(folder, tensors, { maxShardBytes: 8 })).rejects.toThrow('the source is gone');
    expect(await readdir(folder)).toEqual([]);
  });

  it('says what the limit must be', async () => {
    await expect(writeShardedSafetensors(folder, [], { maxShardBytes: 0 })).rejects.toThrow(
      'maxShardBytes must be a positive number, but is 0',
    );
  });
});
