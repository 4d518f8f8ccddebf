import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';

import { checkpointKind, KIND_BYTES } from './checkpoint-kind.ts';
import { encodeSafetensors } from './encode-safetensors.ts';
import { storedTensor } from './stored-tensor.ts';

async function headOf(name: string): Promise<Uint8Array> {
  return (await readFile(new URL(`../fixtures/checkpoints/${name}`, import.meta.url))).subarray(0, KIND_BYTES);
}

describe('checkpointKind', () => {
  it.each([
    ['sd-diffusers.safetensors', 'safetensors'],
    ['sharded/diffusion_pytorch_model.safetensors.index.json', 'json'],
    ['config.json', 'json'],
    ['osp-training.ckpt', 'torch'],
    ['plain-bf16.pt', 'torch'],
    ['hostile-os-system.ckpt', 'torch'],
    ['legacy.pt', 'torch-legacy'],
  ])('tells %s by its content', async (name, kind) => {
    expect(checkpointKind(await headOf(name))).toBe(kind);
  });

  it('tells latents from weights', async () => {
    const tensor = storedTensor({ name: 'latents', dtype: 'F32', shape: [1], bytes: async () => new Uint8Array(4) });
    expect(checkpointKind(await encodeSafetensors([tensor], { metadata: { fps: '24' } }))).toBe('latents');
    const weight = { ...tensor, name: 'conv.weight' };
    expect(checkpointKind(await encodeSafetensors([tensor, weight]))).toBe('safetensors');
  });

  it('knows the tar files that PyTorch wrote first', () => {
    const head = new Uint8Array(512);
    head.set(Buffer.from('sys_info'), 0);
    expect(checkpointKind(head)).toBe('other');
    head.set(Buffer.from('ustar'), 257);
    expect(checkpointKind(head)).toBe('torch-legacy');
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['a web page', Buffer.from('<!DOCTYPE html>')],
    ['a zip of other things', Buffer.from('PK\u0003\u0004 something else')],
    ['an array in JSON', Buffer.from('[1, 2]')],
    ['a bare pickle', Buffer.from([0x80, 2, 0x4e, 0x2e])],
  ])('knows that %s is something else', (_, head) => {
    expect(checkpointKind(head)).toBe('other');
  });
});
