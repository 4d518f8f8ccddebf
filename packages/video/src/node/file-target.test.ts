import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openFileTarget } from './file-target.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'od-vae-video-test-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('openFileTarget', () => {
  it('puts pieces where they belong, and the file in place when it is closed', async () => {
    const writer = (await openFileTarget(join(folder, 'a.bin'))).getWriter();
    await writer.write({ type: 'write', data: Uint8Array.of(3, 4), position: 2 });
    await writer.write({ type: 'write', data: Uint8Array.of(1, 2), position: 0 });
    expect(readdirSync(folder)).not.toContain('a.bin');
    await writer.close();
    expect([...readFileSync(join(folder, 'a.bin'))]).toEqual([1, 2, 3, 4]);
    expect(readdirSync(folder)).toEqual(['a.bin']);
  });

  it('leaves nothing behind when a write fails, though a failed stream is not told to abort', async () => {
    const writer = (await openFileTarget(join(folder, 'a.bin'))).getWriter();
    const beyond = writer.write({ type: 'write', data: Uint8Array.of(1), position: Number.MAX_SAFE_INTEGER });
    await expect(beyond).rejects.toThrow();
    await writer.abort().catch(() => undefined);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('refuses a folder', async () => {
    await expect(openFileTarget(folder)).rejects.toThrow('is a folder, but a file is to be written');
  });
});
