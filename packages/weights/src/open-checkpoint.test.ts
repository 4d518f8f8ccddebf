import { CheckpointError } from '@od-vae/core/base';
import { createHash } from 'node:crypto';
import { access, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { rangeServer } from '../fixtures/range-server.ts';
import type { Checkpoint } from './checkpoint.ts';
import { convertDType } from './convert-dtype.ts';
import { openCheckpoint } from './open-checkpoint.ts';
import { renameCheckpoint } from './rename-checkpoint.ts';
import type { StoredTensor } from './stored-tensor.ts';
import { writeSafetensors } from './write-safetensors.ts';

type Expected = Record<string, [shape: number[], digest: string | number[]]>;

const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/checkpoints/${name}`, import.meta.url));
let expected: Record<string, Expected>;
let folder: string;
beforeAll(async () => {
  expected = JSON.parse(await readFile(fixture('expected.json'), 'utf8')) as Record<string, Expected>;
  folder = await mkdtemp(join(tmpdir(), 'open-checkpoint-'));
});
afterAll(() => rm(folder, { recursive: true }));

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 16);
}

/** Shape and digest of the float32 values of every tensor. */
async function digests(checkpoint: Pick<Checkpoint, 'tensors'>): Promise<Expected> {
  const result: Expected = {};
  for (const [name, tensor] of checkpoint.tensors) {
    const { buffer, byteOffset, byteLength } = await tensor.float32();
    result[name] = [[...tensor.shape], digest(new Uint8Array(buffer, byteOffset, byteLength))];
  }
  return result;
}

describe('openCheckpoint', () => {
  it.each([
    ['osp-training.ckpt', 'ema', 'ema_state_dict'],
    ['osp-no-ema.ckpt', 'raw', 'state_dict.gen_model'],
    ['plain-bf16.pt', 'ema_bf16', 'all'],
  ])('reads %s as PyTorch does', async (name, set, part) => {
    await using checkpoint = await openCheckpoint(fixture(name));
    expect(checkpoint).toMatchObject({ format: 'torch', family: 'open-sora-plan', part, metadata: {} });
    expect(checkpoint.config).toMatchObject({ _class_name: 'CausalVAEModel', hidden_size: 32 });
    expect(await digests(checkpoint)).toEqual(expected[set]);
  });

  it('leaves out hidden files of a folder, such as the companions that macOS writes', async () => {
    const companion = Buffer.from('\0\x05\x16\x07\0\x02\0\0Mac OS X        ', 'latin1');
    const own = await mkdtemp(join(folder, 'hidden-'));
    for (const name of ['x.ckpt', 'diffusion_pytorch_model.safetensors', 'y.safetensors', 'y.safetensors.index.json']) {
      await writeFile(join(own, `._${name}`), companion);
    }
    await expect(openCheckpoint(own)).rejects.toThrow('it holds no files');
    await copyFile(fixture('sd-diffusers.safetensors'), join(own, 'z.safetensors'));
    await using checkpoint = await openCheckpoint(own);
    expect(checkpoint.family).toBe('diffusers');
  });

  it('lists what it left out of a training checkpoint', async () => {
    await using averaged = await openCheckpoint(fixture('osp-training.ckpt'));
    expect(averaged.ignored).toEqual(['epoch', 'batch_idx', 'optimizer_state', 'state_dict', 'scaler_state']);
    await using trained = await openCheckpoint(fixture('osp-training.ckpt'), { useEma: false });
    expect(trained.part).toBe('state_dict.gen_model');
    expect(trained.ignored).toContain('state_dict.dics_model');
    expect(await digests(trained)).toEqual(expected['raw']);
  });

  it('reads parameters in float16', async () => {
    await using checkpoint = await openCheckpoint(fixture('parameters-f16.pt'));
    expect(checkpoint.tensors.size).toBe(6);
    expect(checkpoint.tensors.values().next().value).toMatchObject({ dtype: 'F16' });
    expect(expected['ema_f16']).toMatchObject(await digests(checkpoint));
  });

  it('reads views, shared storages, scalars and integers, and leaves an object inert', async () => {
    await using checkpoint = await openCheckpoint(fixture('views.pt'));
    const { ints, ...floats } = expected['views']!;
    const integers = checkpoint.tensors.get('ints')!;
    expect(integers).toMatchObject({ dtype: 'I64', shape: ints![0], byteLength: 40 });
    expect([...(await integers.float32())]).toEqual(ints![1]);
    const rest = new Map([...checkpoint.tensors].filter(([name]) => name !== 'ints'));
    expect(await digests({ tensors: rest })).toEqual(floats);
    expect(checkpoint).toMatchObject({ family: 'unknown', ignored: ['args'] });
  });

  it.each(['', '/diffusion_pytorch_model.safetensors.index.json'])(
    'reads shards of two types (sharded%s)',
    async (name) => {
      await using checkpoint = await openCheckpoint(fixture(`sharded${name}`));
      expect(checkpoint).toMatchObject({ format: 'safetensors', family: 'open-sora-plan', part: 'all', ignored: [] });
      const wanted = Array.from(checkpoint.tensors, ([tensor, { dtype }]) => [
        tensor,
        expected[dtype === 'F16' ? 'ema_f16' : 'ema']![tensor],
      ]);
      expect(new Set(Array.from(checkpoint.tensors.values(), ({ dtype }) => dtype))).toEqual(new Set(['F32', 'F16']));
      expect(await digests(checkpoint)).toEqual(Object.fromEntries(wanted));
      expect(checkpoint.tensors.size).toBe(Object.keys(expected['ema']!).length);
    },
  );

  it('takes an autoencoder out of a latent diffusion model', async () => {
    await using checkpoint = await openCheckpoint(fixture('sd-compvis.ckpt'));
    expect(checkpoint).toMatchObject({ family: 'compvis', part: 'first_stage_model' });
    expect(checkpoint.ignored).toEqual(['model.diffusion_model.out.2.weight']);
    expect(await digests(checkpoint)).toEqual(expected['sd']);
  });

  it('keeps the networks of the loss, which renaming leaves alone', async () => {
    await using source = await openCheckpoint(fixture('sd-diffusers.safetensors'));
    const bias = source.tensors.values().next().value!;
    const loss = { ...bias, name: 'loss.discriminator.main.0.bias' };
    await writeSafetensors(join(folder, 'loss.safetensors'), [...source.tensors.values(), loss]);
    await using checkpoint = await openCheckpoint(join(folder, 'loss.safetensors'));
    expect(checkpoint).toMatchObject({ family: 'diffusers', ignored: [] });
    const renamed = renameCheckpoint(checkpoint, 'compvis');
    expect(renamed.tensors.get(loss.name)).toMatchObject({ name: loss.name, shape: bias.shape });
    expect(renamed.tensors.size).toBe(source.tensors.size + 1);
  });

  it('reads the names of diffusers, new and old', async () => {
    await using current = await openCheckpoint(fixture('sd-diffusers.safetensors'));
    const renamed = renameCheckpoint(current, 'compvis');
    expect(await digests(renamed)).toEqual(expected['sd']);
    await using old = await openCheckpoint(fixture('sd-diffusers-old-f16.safetensors'));
    const halves = renameCheckpoint(old, 'compvis').tensors;
    expect(halves.size).toBe(renamed.tensors.size);
    const half = async (tensor: StoredTensor): Promise<string> =>
      digest(convertDType(await tensor.bytes(), tensor.dtype, 'F16'));
    for (const [name, tensor] of renamed.tensors) {
      expect(halves.get(name)).toMatchObject({ dtype: 'F16', shape: tensor.shape });
      expect(await half(halves.get(name)!)).toBe(await half(tensor));
    }
  });

  it('reads the same from a Blob, a URL of a file, and a server, with ranges and without', async () => {
    const bytes = await readFile(fixture('plain-bf16.pt'));
    const config = await readFile(fixture('config.json'));
    const ranged = await rangeServer({ 'm/plain-bf16.pt': bytes, 'm/config.json': config, 'n/checkpoint.ckpt': bytes });
    const whole = await rangeServer({ 'plain-bf16.pt': bytes }, { ranges: false });
    try {
      const sources = [
        new Blob([bytes]),
        pathToFileURL(fixture('plain-bf16.pt')),
        `${ranged.url}m/plain-bf16.pt`,
        `${ranged.url}n`,
        `${whole.url}plain-bf16.pt?x=1`,
      ];
      for (const source of sources) {
        await using checkpoint = await openCheckpoint(source);
        expect(await digests(checkpoint)).toEqual(expected['ema_bf16']);
        expect(checkpoint.config === undefined).toBe(source instanceof Blob || !/file:|\/m\//.test(String(source)));
      }
    } finally {
      await ranged.close();
      await whole.close();
    }
  });

  it('takes the last .ckpt of a folder with its config.json', async () => {
    const here = join(folder, 'two');
    await mkdir(here);
    await copyFile(fixture('osp-no-ema.ckpt'), join(here, 'epoch-1.ckpt'));
    await copyFile(fixture('osp-training.ckpt'), join(here, 'epoch-2.ckpt'));
    await writeFile(join(here, 'config.json'), '{"hidden_size": 7}');
    await using checkpoint = await openCheckpoint(here);
    expect(checkpoint).toMatchObject({ label: here, part: 'ema_state_dict', config: { hidden_size: 7 } });
  });

  it('refuses the format from before PyTorch 1.6 with the line that writes the file anew', async () => {
    await expect(openCheckpoint(fixture('legacy.pt'))).rejects.toThrow(
      'import torch; torch.save(torch.load("legacy.pt", map_location="cpu", weights_only=True), "legacy.pt")',
    );
  });

  it('runs nothing of a hostile file', async () => {
    const opening = openCheckpoint(fixture('hostile-os-system.ckpt'));
    await expect(opening).rejects.toThrow(CheckpointError);
    await expect(opening).rejects.toThrow('wants to load "posix.system"');
    await expect(access('/tmp/od-vae-was-owned')).rejects.toThrow('ENOENT');
  });

  it('ends with values or a CheckpointError for any damage', async () => {
    const original = await readFile(fixture('views.pt'));
    const outcomes = { read: 0, refused: 0 };
    for (let index = 0; index < original.length; index += 5) {
      const bytes = Uint8Array.from(original);
      bytes[index]! ^= 0xff;
      try {
        await using checkpoint = await openCheckpoint(new Blob([bytes]));
        for (const tensor of checkpoint.tensors.values()) await tensor.float32();
        outcomes.read += 1;
      } catch (error) {
        expect(error).toBeInstanceOf(CheckpointError);
        outcomes.refused += 1;
      }
    }
    expect(outcomes.refused).toBeGreaterThan(50);
    expect(outcomes.read).toBeGreaterThan(50);
  });

  it('says what a file is not', async () => {
    const open = (text: string): Promise<Checkpoint> => openCheckpoint(new File([text], 'x.ckpt'));
    await expect(open('<!DOCTYPE html>')).rejects.toThrow(
      'x.ckpt is neither safetensors nor a PyTorch checkpoint: it begins with "<!DOCTYPE html>".',
    );
    await expect(open('')).rejects.toThrow('nothing: it is empty');
    await expect(open('{"weight_map": {}}')).rejects.toThrow(
      'x.ckpt is an index of shards, which must be opened from their folder.',
    );
    await expect(openCheckpoint(join(folder, 'no.pt'))).rejects.toThrow(
      `There is no file or folder at ${join(folder, 'no.pt')}`,
    );
    await expect(
      openCheckpoint(new Blob([(await readFile(fixture('plain-bf16.pt'))).subarray(0, 50_000)])),
    ).rejects.toThrow('cut short');
    await expect(
      openCheckpoint(new Blob([(await readFile(fixture('sd-diffusers.safetensors'))).subarray(0, 50_000)])),
    ).rejects.toThrow('bytes of data, but its header describes');
  });

  it('refuses a config.json that is none', async () => {
    const here = join(folder, 'config');
    await mkdir(here);
    await copyFile(fixture('parameters-f16.pt'), join(here, 'a.pt'));
    await writeFile(join(here, 'config.json'), '{');
    await expect(openCheckpoint(join(here, 'a.pt'))).rejects.toThrow('config.json is not valid JSON');
  });

  it('ends at once when its signal is aborted', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(openCheckpoint(fixture('views.pt'), { signal })).rejects.toThrow('enough');
  });

  it('reads nothing once closed', async () => {
    const checkpoint = await openCheckpoint(fixture('views.pt'));
    await checkpoint.close();
    await expect(checkpoint.tensors.get('row')!.bytes()).rejects.toThrow('is closed');
  });

  it.runIf(process.platform === 'linux')('leaves no file open, whether it opens or refuses', async () => {
    const { readdir } = await import('node:fs/promises');
    const before = (await readdir('/proc/self/fd')).length;
    for (const name of ['views.pt', 'sharded', 'legacy.pt', 'hostile-os-system.ckpt', 'expected.json']) {
      await openCheckpoint(fixture(name)).then(
        (checkpoint) => checkpoint.close(),
        () => undefined,
      );
    }
    expect((await readdir('/proc/self/fd')).length).toBe(before);
  });
});
