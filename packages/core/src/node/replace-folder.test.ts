import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { recoverFolder, replaceFolder } from '../files.ts';

let root: string;
const at = (name: string) => join(root, name);
const put = (name: string, text: string) => {
  mkdirSync(at(name));
  writeFileSync(join(at(name), 'a.txt'), text);
};
const read = () => readFileSync(at('out/a.txt'), 'utf8');

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'od-vae-folder-'));
});
afterEach(() => rmSync(root, { recursive: true }));

describe('replaceFolder', () => {
  it.each([false, true])('puts the new folder in place (there was one: %s)', async (hasPrevious) => {
    if (hasPrevious) put('out', 'old');
    put('new', 'new');
    await replaceFolder(at('new'), `${at('out')}/`);
    expect([read(), readdirSync(root)]).toEqual(['new', ['out']]);
  });

  it('puts the previous folder back when the new one cannot take its place', async () => {
    put('out', 'old');
    await expect(replaceFolder(at('missing'), at('out'))).rejects.toThrow('ENOENT');
    expect([read(), readdirSync(root)]).toEqual(['old', ['out']]);
  });
});

describe('recoverFolder', () => {
  it('puts the previous folder back where a process was killed between both steps', async () => {
    put('out', 'old');
    renameSync(at('out'), at('.out.od-vae-previous'));
    await recoverFolder(at('out'));
    expect([read(), readdirSync(root)]).toEqual(['old', ['out']]);
  });

  it('removes the previous folder where the new one is in place', async () => {
    put('out', 'new');
    put('.out.od-vae-previous', 'old');
    await recoverFolder(at('out'));
    expect([read(), readdirSync(root)]).toEqual(['new', ['out']]);
  });

  it('does nothing where there is no folder', async () => {
    await recoverFolder(at('out'));
    expect(readdirSync(root)).toEqual([]);
  });
});
