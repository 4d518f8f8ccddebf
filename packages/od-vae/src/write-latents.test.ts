import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { CheckpointError, MediaError } from '@od-vae/core';
import { writeSafetensors } from '@od-vae/weights';
import { describe, expect, it } from 'vitest';

import { inFolder } from '../fixtures/narrow-model.ts';
import type { LatentChunk } from './latents.ts';
import type { LatentsInfo } from './latents-info.ts';
import { openLatents, readLatentsFile } from './open-latents.ts';
import { encodeLatents, writeLatentsFile } from './write-latents.ts';

const info: LatentsInfo = {
  model: 'small',
  frames: 9,
  width: 22,
  height: 16,
  fps: 29.97,
  scalingFactor: 0.18215,
  posterior: 'sample, seed 3',
  tiling: { frames: 33, latents: 9, spatial: { sampleSize: 256, latentSize: 32, overlap: 0.125 } },
  framePolicy: 'trim',
};

const chunk = (time: number, first: number): LatentChunk => ({
  shape: [time, 2, 3, 4],
  data: Float32Array.from({ length: time * 24 }, (_, index) => first + index),
});

/** A latents file with other metadata or another shape. */
async function writeOther(path: string, metadata: Record<string, string>, shape = [1, 4, 3, 2, 3], name = 'latents') {
  const length = shape.reduce((product, side) => product * side, 1);
  const tensor = { name, dtype: 'F32' as const, shape, bytes: async () => new Uint8Array(4 * length) };
  await writeSafetensors(path, [tensor], { metadata });
}

const metadata: Record<string, string> = {
  format: 'od-vae latents',
  ...Object.fromEntries(Object.entries(info).map(([key, value]) => [key, String(value)])),
  tiling: JSON.stringify(info.tiling),
};

describe('writeLatentsFile', () => {
  it('comes back from readLatentsFile, its chunks as one', () =>
    inFolder(async (folder) => {
      const path = join(folder, 'clip.safetensors');
      await writeLatentsFile(path, [chunk(2, 0), chunk(1, 48)], info);
      expect(await readLatentsFile(path)).toEqual({ info, chunk: chunk(3, 0) });
      expect(await readdir(folder)).toEqual(['clip.safetensors']);
    }));

  it("holds the latents in PyTorch's order", () =>
    inFolder(async (folder) => {
      const path = join(folder, 'clip.safetensors');
      await writeLatentsFile(path, [chunk(2, 0)], info);
      const bytes = await readFile(path);
      const length = Number(bytes.readBigUInt64LE(0));
      const header = JSON.parse(bytes.subarray(8, 8 + length).toString('utf8')) as Record<string, unknown>;
      expect(header['latents']).toMatchObject({ dtype: 'F32', shape: [1, 4, 2, 2, 3] });
      expect(header['__metadata__']).toEqual(metadata);
      const values = new Float32Array(
        bytes.buffer.slice(bytes.byteOffset + 8 + length, bytes.byteOffset + bytes.length),
      );
      // Channel 0 of the first frame, then of the second.
      expect([...values.subarray(0, 12)]).toEqual([0, 4, 8, 12, 16, 20, 24, 28, 32, 36, 40, 44]);
    }));

  it('writes what encodeLatents gives without a file', () =>
    inFolder(async (folder) => {
      const path = join(folder, 'clip.safetensors');
      const chunks = [chunk(2, 0), chunk(1, 48)];
      await writeLatentsFile(path, chunks, info);
      expect(await encodeLatents(chunks, info)).toEqual(new Uint8Array(await readFile(path)));
    }));

  it('holds the posterior of chunks that have one', () =>
    inFolder(async (folder) => {
      const path = join(folder, 'clip.safetensors');
      const withPosterior = (part: LatentChunk) => ({
        ...part,
        posterior: { mean: part.data.map((value) => -value), logvar: part.data.map((value) => value / 2) },
      });
      const chunks = [withPosterior(chunk(2, 0)), withPosterior(chunk(1, 48))];
      await writeLatentsFile(path, chunks, info);
      await using reader = await openLatents(path);
      const read: LatentChunk[] = [];
      for await (const part of reader.chunks()) read.push(part);
      expect(read).toEqual([withPosterior(chunk(3, 0))]);
    }));

  it('leaves nothing behind when it is aborted', () =>
    inFolder(async (folder) => {
      const signal = AbortSignal.abort(new Error('enough'));
      const writing = writeLatentsFile(join(folder, 'clip.safetensors'), [chunk(1, 0)], info, { signal });
      await expect(writing).rejects.toThrow('enough');
      expect(await readdir(folder)).toEqual([]);
    }));
});

describe('readLatentsFile', () => {
  it.each<[string, Record<string, string>, number[] | undefined, string | undefined]>([
    ['that is a model', {}, undefined, 'weight'],
    ['that does not say so', { ...metadata, format: 'pt' }, undefined, undefined],
    ['of rank 4', metadata, [4, 3, 2, 3], undefined],
    ['of a batch', metadata, [2, 4, 3, 2, 3], undefined],
  ])('refuses a file %s', (_, written, shape, name) =>
    inFolder(async (folder) => {
      const path = join(folder, 'other.safetensors');
      await writeOther(path, written, shape, name);
      await expect(readLatentsFile(path)).rejects.toThrow(MediaError);
      await expect(readLatentsFile(path)).rejects.toThrow(
        /other\.safetensors: a latents file must hold "latents" \[1, channels, time, height, width\]/,
      );
    }),
  );

  it.each([
    ['frames', '0'],
    ['frames', '2.5'],
    ['width', '-16'],
    ['height', ''],
    ['fps', 'fast'],
    ['fps', 'Infinity'],
    ['scalingFactor', 'NaN'],
  ])('refuses a %s of "%s"', (key, value) =>
    inFolder(async (folder) => {
      const path = join(folder, 'odd.safetensors');
      await writeOther(path, { ...metadata, [key]: value });
      await expect(readLatentsFile(path)).rejects.toThrow(MediaError);
      await expect(readLatentsFile(path)).rejects.toThrow(
        `odd.safetensors: the metadata's "${key}" must be a positive ` +
          `${['fps', 'scalingFactor'].includes(key) ? 'number' : 'integer'}, but is "${value}".`,
      );
    }),
  );

  it('names every field that is missing or wrong', () =>
    inFolder(async (folder) => {
      const path = join(folder, 'odd.safetensors');
      await writeOther(path, { format: 'od-vae latents', fps: 'fast', tiling: '{', framePolicy: 'cut' });
      await expect(readLatentsFile(path)).rejects.toThrow(
        'odd.safetensors: the metadata\'s "frames" must be a positive integer, but is missing; ' +
          '"width" must be a positive integer, but is missing; "height" must be a positive integer, but is missing; ' +
          '"fps" must be a positive number, but is "fast"; "scalingFactor" must be a positive number, but is missing; ' +
          '"tiling" must be a tiling as JSON, but is "{"; "framePolicy" must be pad, trim or error, but is "cut".',
      );
    }));

  it.each([
    ['of rank 5', [1, 4, 3, 2, 3], {}],
    ['of rank 4', [4, 3, 2, 3], { format: 'pt' }],
  ])('reads one tensor without metadata %s, with what the caller knows', (_, shape, written) =>
    inFolder(async (folder) => {
      const path = join(folder, 'raw.safetensors');
      await writeOther(path, written, shape, 'z');
      const { info, chunk: read } = await readLatentsFile(path, { fps: 25, width: 22, height: 16 });
      expect(info).toMatchObject({ model: 'unknown', frames: 9, width: 22, height: 16, fps: 25 });
      expect(read.shape).toEqual([3, 2, 3, 4]);
      expect((await readLatentsFile(path, { fps: 25, width: 22, height: 16, frames: 7 })).info.frames).toBe(7);
      await expect(readLatentsFile(path, { width: 22 })).rejects.toThrow(
        'Latents without metadata need fps, height (--fps, --height).',
      );
    }),
  );

  it('adds what the caller knows to metadata that lacks it, and refuses what contradicts it', () =>
    inFolder(async (folder) => {
      const path = join(folder, 'some.safetensors');
      const { fps: _, ...rest } = metadata;
      await writeOther(path, rest);
      expect((await readLatentsFile(path, { fps: 30 })).info.fps).toBe(30);
      await expect(readLatentsFile(path, { fps: 30, width: 23 })).rejects.toThrow(
        'some.safetensors: width must be that of its metadata, 22, but is 23.',
      );
    }));

  it('refuses latents of an integer type', () =>
    inFolder(async (folder) => {
      const path = join(folder, 'odd.safetensors');
      const tensor = {
        name: 'latents',
        dtype: 'I32' as const,
        shape: [1, 4, 3, 2, 3],
        bytes: async () => new Uint8Array(288),
      };
      await writeSafetensors(path, [tensor], { metadata });
      await expect(readLatentsFile(path)).rejects.toThrow(
        'odd.safetensors: "latents" must have the type F16, BF16, F32, F64, but has I32.',
      );
    }));

  it.each(['{"frames":33}', '33', '{', '{"frames":33,"latents":9,"spatial":{"sampleSize":"256"}}'])(
    'refuses a tiling of %s',
    (tiling) =>
      inFolder(async (folder) => {
        const path = join(folder, 'odd.safetensors');
        await writeOther(path, { ...metadata, tiling });
        await expect(readLatentsFile(path)).rejects.toThrow(
          `odd.safetensors: the metadata's "tiling" must be a tiling as JSON, but is "${tiling}".`,
        );
      }),
  );

  it('refuses a file whose posterior has another shape than its latents', () =>
    inFolder(async (folder) => {
      const path = join(folder, 'odd.safetensors');
      const tensor = (name: string, time: number) => ({
        name,
        dtype: 'F32' as const,
        shape: [1, 1, time, 1, 1],
        bytes: async () => new Uint8Array(4 * time),
      });
      await writeSafetensors(path, [tensor('latents', 2), tensor('mean', 3)], { metadata });
      await expect(readLatentsFile(path)).rejects.toThrow(
        'odd.safetensors: "mean" must be [1,1,2,1,1] as "latents" is, but is [1,1,3,1,1].',
      );
    }));

  it('refuses a file that is cut short, and one that is something else', () =>
    inFolder(async (folder) => {
      const path = join(folder, 'clip.safetensors');
      await writeLatentsFile(path, [chunk(2, 0)], info);
      await writeFile(path, (await readFile(path)).subarray(0, -10));
      await expect(readLatentsFile(path)).rejects.toThrow(CheckpointError);
      await writeFile(path, 'not a file of tensors at all');
      await expect(readLatentsFile(path)).rejects.toThrow(CheckpointError);
    }));
});
