import { describe, expect, it } from 'vitest';

import { blobSource } from './byte-source.ts';
import { findWeights } from './find-weights.ts';

async function find(files: readonly string[], listed = true): Promise<string> {
  const source = await findWeights({
    label: 'the folder',
    list: async () => (listed ? files : undefined),
    open: async (name) => (files.includes(name) ? blobSource(new Blob([]), name) : undefined),
  });
  return source.label;
}

describe('findWeights', () => {
  const single = 'diffusion_pytorch_model.safetensors';
  const index = 'diffusion_pytorch_model.safetensors.index.json';
  const bin = 'diffusion_pytorch_model.bin';

  it.each([
    [['a.ckpt', 'c.ckpt', 'b.ckpt', single, 'config.json'], 'c.ckpt'],
    [['checkpoint-14000.ckpt', 'checkpoint-9000.ckpt'], 'checkpoint-14000.ckpt'],
    [['epoch=9-step=100.ckpt', 'epoch=10-step=20.ckpt'], 'epoch=10-step=20.ckpt'],
    [['epoch=2-step=900.ckpt', 'epoch=2-step=1000.ckpt'], 'epoch=2-step=1000.ckpt'],
    [['a-0010.ckpt', 'a-9.ckpt'], 'a-0010.ckpt'],
    [[bin, index, single], single],
    [[bin, index, 'other.safetensors'], index],
    [[bin, 'other.safetensors'], bin],
    [['config.json', 'other.safetensors'], 'other.safetensors'],
    [['x-1.safetensors', 'x-2.safetensors', 'x.safetensors.index.json'], 'x.safetensors.index.json'],
  ])('among %j takes %s', async (files, expected) => {
    expect(await find(files)).toBe(expected);
  });

  it('tries the usual names where it cannot list', async () => {
    expect(await find(['checkpoint.ckpt', single], false)).toBe('checkpoint.ckpt');
    expect(await find([bin], false)).toBe(bin);
  });

  it('says what it looked for and what is there', async () => {
    await expect(find(['config.json', 'readme.md'])).rejects.toThrow(
      'the folder has no weights: looked for *.ckpt, diffusion_pytorch_model.safetensors, ' +
        'diffusion_pytorch_model.safetensors.index.json, diffusion_pytorch_model.bin or one *.safetensors, ' +
        'but it holds "config.json", "readme.md".',
    );
    await expect(find([])).rejects.toThrow('it holds no files');
    await expect(find([], false)).rejects.toThrow('the server has none of them');
  });

  it('asks for one of several files', async () => {
    await expect(find(['b.safetensors', 'a.safetensors'])).rejects.toThrow(
      'the folder has 2 files of weights ("a.safetensors", "b.safetensors"); name the one to open.',
    );
  });
});
