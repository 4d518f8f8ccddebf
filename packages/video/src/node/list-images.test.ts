import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createVideoWriter } from '../create-video-writer.ts';
import { openVideo } from '../open-video.ts';

let folder: string;
beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), 'list-images-'));
});
afterEach(() => fs.rmSync(folder, { recursive: true }));

/** Bytes of macOS companions, which have the name of an image. */
const COMPANION = Buffer.from('\0\x05\x16\x07\0\x02\0\0Mac OS X        ', 'latin1');

/** Writes images of one color; the level of each is ten times its place in the list. */
async function putImages(...names: readonly string[]): Promise<void> {
  for (const [index, name] of names.entries()) {
    const path = join(folder, name);
    fs.mkdirSync(join(path, '..'), { recursive: true });
    const temporary = join(folder, `temporary.${/jpg$/i.test(name) ? 'jpg' : 'png'}`);
    const writer = await createVideoWriter(temporary, { width: 8, height: 8, fps: 25 });
    await writer.write({ width: 8, height: 8, timestamp: 0, data: new Uint8Array(192).fill(10 * index) });
    await writer.finish();
    fs.renameSync(temporary, path);
  }
}

async function read(name = '') {
  await using reader = await openVideo(join(folder, name));
  const levels: number[] = [];
  for await (const { data } of reader.frames()) levels.push(data[0]!);
  return { levels, notes: reader.info.notes };
}

describe('openVideo of a folder of images', () => {
  it('reads images by their numbers, and leaves out hidden and other files', async () => {
    await putImages('f1.png', 'f2.PNG', 'f3.png', 'f10.png');
    for (const name of ['._f1.png', '.DS_Store', 'Thumbs.db', '.hidden.png'])
      fs.writeFileSync(join(folder, name), COMPANION);
    fs.writeFileSync(join(folder, 'notes.txt'), 'text');
    fs.mkdirSync(join(folder, '__MACOSX.png'));
    const { levels, notes } = await read();
    expect(levels).toEqual([0, 10, 20, 30]);
    expect(notes).toEqual([expect.stringMatching(/lacks 6 numbers, the first between "f3.png" and "f10.png"/)]);
  });

  it.each([
    ['extensions', ['f1.png', 'f1.jpg', 'f2.png'], /"f1\.(jpg|png)" and "f1\.(jpg|png)" are the same frame/],
    ['leading zeros', ['f1.png', 'f01.png'], /"f0?1\.png" and "f0?1\.png" are the same frame/],
    ['a sign', ['f-1.png', 'f0.png', 'f1.png'], /"f-1\.png" may be before or after "f1\.png"/],
  ])('refuses images that differ in %s only', async (_, names, message) => {
    await putImages(...names);
    await expect(read()).rejects.toThrow(message);
  });

  it('accepts images whose names have dashes', async () => {
    await putImages('2026-01-01.png', '2026-01-02.png');
    expect(await read()).toEqual({ levels: [0, 10], notes: [] });
  });

  it('reports several sequences in one folder', async () => {
    await putImages('a1.png', 'a2.png', 'b1.png', 'b2.png');
    expect((await read()).notes).toEqual([
      expect.stringContaining('2 numbered sequences (beginning with "a1.png", "b1.png")'),
    ]);
  });

  it('refuses an image of several frames', async () => {
    await putImages('f1.png');
    const data = Buffer.concat([10, 20].map((level) => Buffer.alloc(192, level)));
    const raw = { width: 8, height: 16, channels: 3, pageHeight: 8 } as const;
    await sharp(data, { raw }).webp().toFile(join(folder, 'f2.webp'));
    await expect(read()).rejects.toThrow(/must have one frame, but ".*f2\.webp" has several/);
  });

  it('refuses a folder without images', async () => {
    fs.writeFileSync(join(folder, '._f1.png'), COMPANION);
    await expect(read()).rejects.toThrow('has no image in it');
  });
});

describe('openVideo of a pattern', () => {
  it.each(['f%d.png', 'f%02d.png'])('reads the files of %s by their numbers', async (pattern) => {
    await putImages('f08.png', 'f09.png', 'f10.png', 'g01.png', 'f11.jpg');
    expect((await read(pattern)).levels).toEqual([0, 10, 20]);
  });

  it('takes percent signs in the names of folders as they are', async () => {
    await putImages('100%done/f1.png', '50%d/f1.png', '50%d/f2.png', '50%04d/x.png');
    expect((await read('100%done/f1.png')).levels).toEqual([0]);
    expect((await read('50%d')).levels).toEqual([10, 20]);
    expect((await read('50%d/f%d.png')).levels).toEqual([10, 20]);
    expect((await read('50%04d/x.png')).levels).toEqual([30]);
    await expect(read('60%d/f1.png')).rejects.toThrow(/there is no file ".*60%d\/f1\.png"/);
  });

  it('reads a file of exactly that name', async () => {
    await putImages('f1.png', 'f2.png', 'f%d.png');
    expect((await read('f%d.png')).levels).toEqual([20]);
  });

  it('is for images only', async () => {
    fs.writeFileSync(join(folder, 'take-1.mp4'), 'x');
    await expect(read('take-%d.mp4')).rejects.toThrow(/there is no file ".*take-%d\.mp4"/);
    await expect(read('take-%d.png')).rejects.toThrow('has no file of this pattern');
  });
});

describe('createVideoWriter of a path with percent signs', () => {
  it.each(['100%done/f.png', '50%d/f.png', '50%d/f.y4m', 'take-%d.y4m', '50%d/f-%d.png', '50%d'])(
    'writes %s in the folder that is named',
    async (name) => {
      const path = join(folder, name);
      fs.mkdirSync(name === '50%d' ? path : join(path, '..'), { recursive: true });
      const writer = await createVideoWriter(path, {
        width: 8,
        height: 8,
        fps: 25,
        format: name === '50%d' ? 'png' : undefined,
      });
      await writer.write({ width: 8, height: 8, timestamp: 0, data: new Uint8Array(192) });
      await writer.finish();
      const written = { '50%d/f-%d.png': '50%d/f-1.png', '50%d': '50%d/frame-00001.png' }[name] ?? name;
      const all = fs.readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
      expect(all.map((entry) => join(entry.parentPath, entry.name))).toEqual([join(folder, written)]);
    },
  );
});
