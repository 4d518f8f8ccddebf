import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { processMark, temporaryPath, updateFolder } from '../files.ts';

let parent: string;
let folder: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'od-vae-update-'));
  folder = join(parent, 'model');
  mkdirSync(join(folder, 'notes/deep'), { recursive: true });
  for (const name of ['part-1', 'part-2', 'README.md', 'notes/deep/a.txt']) writeFileSync(join(folder, name), 'old');
});
afterEach(() => rmSync(parent, { recursive: true }));

const isPart = (name: string) => name.startsWith('part-');
const text = (name: string) => readFileSync(join(folder, name), 'utf8');

describe('updateFolder', () => {
  it('replaces the files of the previous set and keeps every other one', async () => {
    await updateFolder(folder, isPart, async (path) => {
      await writeFile(join(path, 'part-1'), 'new');
      expect(text('part-1')).toBe('old');
    });
    expect(readdirSync(folder).toSorted()).toEqual(['README.md', 'notes', 'part-1']);
    expect([text('part-1'), text('README.md'), text('notes/deep/a.txt')]).toEqual(['new', 'old', 'old']);
    expect(readdirSync(parent)).toEqual(['model']);
  });

  it('leaves the folder as it was when writing fails', async () => {
    const failing = updateFolder(folder, isPart, async (path) => {
      await writeFile(join(path, 'part-1'), 'new');
      throw new Error('no space');
    });
    await expect(failing).rejects.toThrow('no space');
    expect(readdirSync(folder).toSorted()).toEqual(['README.md', 'notes', 'part-1', 'part-2']);
    expect(text('part-1')).toBe('old');
    expect(readdirSync(parent)).toEqual(['model']);
  });

  it('makes a new folder, and removes what killed processes left', async () => {
    mkdirSync(temporaryPath(folder).replace(processMark(), processMark(2 ** 30)));
    folder = join(parent, 'new');
    await updateFolder(folder, isPart, (path) => writeFile(join(path, 'part-1'), 'new'));
    expect(readdirSync(parent).toSorted()).toEqual(['model', 'new']);
    expect(text('part-1')).toBe('new');
  });

  it('follows a link to the folder', async () => {
    symlinkSync(folder, join(parent, 'link'));
    await updateFolder(join(parent, 'link'), isPart, (path) => writeFile(join(path, 'part-3'), 'new'));
    expect(readdirSync(folder).toSorted()).toEqual(['README.md', 'notes', 'part-3']);
  });
});
