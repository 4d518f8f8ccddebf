import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { encodeSafetensors } from './encode-safetensors.ts';
import { storedTensor, type WritableTensor } from './stored-tensor.ts';
import { writeSafetensors } from './write-safetensors.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'write-safetensors-'));
});
afterEach(() => rm(folder, { recursive: true }));

function tensor(
  name: string,
  bytes: () => Promise<Uint8Array> = async () => new Uint8Array(8).fill(5),
): WritableTensor {
  return storedTensor({ name, dtype: 'F32', shape: [2], bytes });
}

describe('writeSafetensors', () => {
  it('writes the bytes that encodeSafetensors gives, over a file of that name', async () => {
    const path = join(folder, 'a.safetensors');
    await writeFile(path, 'old');
    await writeSafetensors(path, [tensor('x'), tensor('y')], { metadata: { format: 'pt' } });
    const expected = await encodeSafetensors([tensor('x'), tensor('y')], { metadata: { format: 'pt' } });
    expect(new Uint8Array(await readFile(path))).toEqual(expected);
    expect(await readdir(folder)).toEqual(['a.safetensors']);
  });

  it('leaves the old file and nothing else when a tensor cannot be read', async () => {
    const path = join(folder, 'a.safetensors');
    await writeFile(path, 'old');
    const broken = tensor('y', () => Promise.reject(new Error('gone')));
    await expect(writeSafetensors(path, [tensor('x'), broken])).rejects.toThrow('gone');
    expect(await readFile(path, 'utf8')).toBe('old');
    expect(await readdir(folder)).toEqual(['a.safetensors']);
  });

  it('leaves nothing when its signal ends it on the way', async () => {
    const controller = new AbortController();
    const onProgress = (): void => controller.abort(new Error('enough'));
    const written = writeSafetensors(join(folder, 'b'), [tensor('x'), tensor('y')], {
      onProgress,
      signal: controller.signal,
    });
    await expect(written).rejects.toThrow('enough');
    expect(await readdir(folder)).toEqual([]);
  });
});
