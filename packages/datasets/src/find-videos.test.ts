import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { findVideos } from './find-videos.ts';
import { VideoFolder } from './video-folder.ts';

let root: string;
let folder: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'find-videos-'));
  folder = join(root, 'data');
  await mkdir(folder);
});
afterEach(() => rm(root, { recursive: true }));

async function put(...names: readonly string[]): Promise<void> {
  for (const name of names) {
    await mkdir(join(root, name, '..'), { recursive: true });
    await writeFile(join(root, name), 'some bytes');
  }
}

async function find() {
  const skipped: string[] = [];
  const paths = await findVideos(folder, { onSkip: (path) => skipped.push(path.slice(folder.length + 1)) });
  return { paths: paths.map((path) => path.slice(folder.length + 1)), skipped };
}

/** Links need a privilege on Windows. */
const itLinks = it.skipIf(process.platform === 'win32');

describe('findVideos', () => {
  it('lists videos whatever the case of their extension, and leaves out hidden files and folders', async () => {
    await put('data/a.MP4', 'data/b.m4v', 'data/deep/c.mpg', 'data/notes.txt');
    await put('data/._a.MP4', 'data/.cache/d.mp4', 'data/__MACOSX/._b.mp4', 'data/deep/.DS_Store', 'data/Thumbs.db');
    expect(await find()).toEqual({ paths: ['a.MP4', 'b.m4v', join('deep', 'c.mpg')], skipped: [] });
  });

  itLinks('follows links to videos and folders, at any depth', async () => {
    await put('store/one.mp4', 'elsewhere/two.mp4', 'elsewhere/inner/three.mp4', 'data/own.mp4', 'store/text.txt');
    await symlink('../store/one.mp4', join(folder, 'link.mp4'));
    await symlink('../store/text.txt', join(folder, 'text.txt'));
    await symlink(join(root, 'elsewhere'), join(folder, 'part'));
    await symlink('../store', join(root, 'elsewhere', 'again'));
    expect((await find()).paths).toEqual([
      'link.mp4',
      'own.mp4',
      join('part', 'inner', 'three.mp4'),
      join('part', 'two.mp4'),
    ]);
  });

  itLinks('uses each video once, under its own path if that is in the folder', async () => {
    await put('data/real/a.mp4', 'store/b.mp4');
    await symlink('real', join(folder, 'alias'));
    await symlink('real/a.mp4', join(folder, 'a-link.mp4'));
    for (const name of ['b1.mp4', 'b2.mp4']) await symlink('../store/b.mp4', join(folder, name));
    expect((await find()).paths).toEqual(['b1.mp4', join('real', 'a.mp4')]);
  });

  itLinks('ends where links lead back to a folder or to themselves, and reports those that lead nowhere', async () => {
    await put('data/deep/a.mp4');
    await symlink('..', join(folder, 'deep', 'up'));
    await symlink('.', join(folder, 'self'));
    await symlink('loop.mp4', join(folder, 'loop.mp4'));
    await symlink('missing.mp4', join(folder, 'dangling.mp4'));
    expect(await find()).toEqual({ paths: [join('deep', 'a.mp4')], skipped: ['dangling.mp4', 'loop.mp4'] });
    const { skipped } = await VideoFolder.open(folder, { frames: 1, size: 8, seed: 0 });
    expect(skipped.get(join(folder, 'dangling.mp4'))).toContain('leads to no file');
  });

  itLinks('names a dangling link where there is no video', async () => {
    await symlink('missing.mp4', join(folder, 'dangling.mp4'));
    await expect(find()).rejects.toThrow(/has none; the link ".*dangling.mp4" leads to no file/);
  });

  itLinks('opens a folder that is a link itself', async () => {
    await put('store/a.mp4');
    await rm(folder, { recursive: true });
    await symlink('store', folder);
    expect((await find()).paths).toEqual(['a.mp4']);
  });
});
