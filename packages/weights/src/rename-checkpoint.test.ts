import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

import { openCheckpoint } from './open-checkpoint.ts';
import { renameCheckpoint } from './rename-checkpoint.ts';
import { writeSafetensors } from './write-safetensors.ts';

const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/checkpoints/${name}`, import.meta.url));

describe('renameCheckpoint', () => {
  it.each(['osp-training.ckpt', 'plain-bf16.pt', 'sd-compvis.ckpt'])(
    'takes %s to diffusers in a file and back, byte for byte',
    async (name) => {
      const folder = await mkdtemp(join(tmpdir(), 'rename-'));
      try {
        await using original = await openCheckpoint(fixture(name));
        const [before, away, after] = ['before', 'away', 'after'].map((file) =>
          join(folder, `${file}.safetensors`),
        ) as [string, string, string];
        await writeSafetensors(before, original.tensors.values());
        await writeSafetensors(away, renameCheckpoint(original, 'diffusers').tensors.values());
        await using foreign = await openCheckpoint(away);
        expect(foreign.family).toBe('diffusers');
        const home = original.family === 'unknown' ? 'compvis' : original.family;
        await writeSafetensors(after, renameCheckpoint(foreign, home).tensors.values());
        expect(Buffer.compare(await readFile(before), await readFile(after))).toBe(0);
      } finally {
        await rm(folder, { recursive: true });
      }
    },
  );

  it('keeps everything else of the checkpoint', async () => {
    await using original = await openCheckpoint(fixture('sd-diffusers.safetensors'));
    const renamed = renameCheckpoint(original, 'compvis');
    expect(renamed).toMatchObject({ label: original.label, format: 'safetensors', family: 'compvis' });
    const tensor = renamed.tensors.get('encoder.mid.attn_1.q.weight')!;
    expect(tensor).toMatchObject({ name: 'encoder.mid.attn_1.q.weight', shape: [32, 32, 1, 1], byteLength: 4096 });
  });
});
