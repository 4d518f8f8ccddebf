import { mkdtemp, open, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { fileSource } from './file-source.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'file-source-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('fileSource', () => {
  it('reads beyond four gigabytes', async () => {
    const path = join(folder, 'sparse.bin');
    const handle = await open(path, 'w');
    await handle.write(Uint8Array.of(1, 2, 3), 0, 3, 5 * 2 ** 30);
    await handle.close();
    const source = await fileSource(path);
    expect(source.size).toBe(5 * 2 ** 30 + 3);
    expect(await source.read(5 * 2 ** 30 - 1, source.size)).toEqual(Uint8Array.of(0, 1, 2, 3));
    await source.close();
    await rm(path);
  });

  it('says so when the file ends earlier than it did', async () => {
    const path = join(folder, 'shrinking.bin');
    await writeFile(path, new Uint8Array(64));
    const source = await fileSource(path);
    await truncate(path, 10);
    await expect(source.read(0, 64)).rejects.toThrow('had 64 bytes when opened and ends earlier now.');
    await source.close();
  });

  it('reads nothing once closed, and closes twice without harm', async () => {
    const path = join(folder, 'closed.bin');
    await writeFile(path, new Uint8Array(4));
    const source = await fileSource(path);
    await source.close();
    await source.close();
    await expect(source.read(0, 4)).rejects.toThrow('is closed; read its tensors before closing the checkpoint.');
  });

  it('stops at the reason of its signal', async () => {
    const path = join(folder, 'aborted.bin');
    await writeFile(path, new Uint8Array(4));
    const controller = new AbortController();
    const source = await fileSource(path, controller.signal);
    controller.abort(new Error('enough'));
    await expect(source.read(0, 4)).rejects.toThrow('enough');
    await source.close();
  });
});
