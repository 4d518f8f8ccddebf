import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { encodeSafetensors } from './encode-safetensors.ts';
import { openSafetensors } from './open-safetensors.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'open-safetensors-'));
});
afterAll(() => rm(folder, { recursive: true }));

const tensor = { name: 'loss.module.a', dtype: 'F32' as const, shape: [2], bytes: async () => new Uint8Array(8) };

describe('openSafetensors', () => {
  it.each(['file', 'blob'])('gives every tensor under its own name (%s)', async (kind) => {
    const bytes = await encodeSafetensors([tensor], { metadata: { step: '3' } });
    const path = join(folder, 'a.safetensors');
    await writeFile(path, bytes);
    await using file = await openSafetensors(kind === 'file' ? path : new Blob([bytes]));
    expect([...file.tensors.keys()]).toEqual(['loss.module.a']);
    expect(file.metadata).toEqual({ step: '3' });
    expect(await file.tensors.get('loss.module.a')!.float32()).toEqual(new Float32Array(2));
  });

  it('refuses what is no safetensors file', async () => {
    await expect(openSafetensors(new Blob(['nonsense and more']))).rejects.toThrow('header');
  });
});
