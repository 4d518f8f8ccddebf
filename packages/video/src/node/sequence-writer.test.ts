import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { processMark } from '@od-vae/core/files';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createVideoWriter } from '../create-video-writer.ts';
import { openVideo } from '../open-video.ts';

const SIZE = { width: 8, height: 8, fps: 25 };

let root: string;
let folder: string;
let pattern: string;
beforeEach(() => {
  root = fs.mkdtempSync(join(tmpdir(), 'sequence-writer-'));
  folder = join(root, 'frames');
  pattern = join(folder, 'f-%02d.png');
});
afterEach(() => fs.rmSync(root, { recursive: true }));

async function start(...levels: readonly number[]) {
  const writer = await createVideoWriter(pattern, SIZE);
  for (const level of levels) {
    await writer.write({ width: 8, height: 8, timestamp: 0, data: new Uint8Array(192).fill(level) });
  }
  return writer;
}

async function write(...levels: readonly number[]): Promise<void> {
  await (await start(...levels)).finish();
}

async function read(): Promise<number[]> {
  await using reader = await openVideo(pattern);
  const levels: number[] = [];
  for await (const { data } of reader.frames()) levels.push(data[0]!);
  return levels;
}

/** Changes a folder to what a process leaves that is killed while it moves its images. */
async function killWhileMoving(levels: readonly number[], outdated: readonly string[], moved: number, mark: string) {
  const own = folder;
  folder = join(root, 'new');
  pattern = join(folder, 'f-%02d.png');
  await write(...levels);
  folder = own;
  pattern = join(folder, 'f-%02d.png');
  const pending = join(folder, `.od-vae-images-${mark}-0123abcd`);
  fs.renameSync(join(root, 'new'), pending);
  for (const name of fs.readdirSync(pending).slice(0, moved)) fs.renameSync(join(pending, name), join(folder, name));
  fs.writeFileSync(join(pending, 'outdated.json'), JSON.stringify(outdated));
  return pending;
}

const ENDED = processMark(2 ** 30);

describe('createVideoWriter of a sequence of images', () => {
  it('replaces the previous sequence, also a longer one, and keeps all other files', async () => {
    await write(1, 2, 3, 4);
    fs.renameSync(join(folder, 'f-04.png'), join(folder, 'f-05.png'));
    for (const name of ['f-001.png', 'g-01.png', 'notes.txt']) fs.writeFileSync(join(folder, name), 'x');
    await write(11, 12);
    expect(fs.readdirSync(folder)).toEqual(['f-001.png', 'f-01.png', 'f-02.png', 'f-05.png', 'g-01.png', 'notes.txt']);
    fs.rmSync(join(folder, 'f-001.png'));
    expect(await read()).toEqual([11, 12, 4]);
  });

  it('shows no image before all are complete', async () => {
    const writer = await start(1, 2);
    expect(fs.readdirSync(folder).filter((name) => !name.startsWith('.'))).toEqual([]);
    await writer.finish();
    expect(fs.readdirSync(folder)).toEqual(['f-01.png', 'f-02.png']);
  });

  it('leaves the previous sequence as it was when it is aborted', async () => {
    await write(1, 2, 3);
    await (await start(11, 12)).abort();
    expect(await read()).toEqual([1, 2, 3]);
    expect(fs.readdirSync(folder)).toHaveLength(3);
  });

  it('removes the folder that it created when it is aborted, but no file of others', async () => {
    await (await start(1)).abort();
    expect(fs.readdirSync(root)).toEqual([]);
    const writer = await start(1);
    fs.writeFileSync(join(folder, 'notes.txt'), 'x');
    await writer.abort();
    expect(fs.readdirSync(folder)).toEqual(['notes.txt']);
  });

  it('refuses before it replaces anything where a folder has the name of an image', async () => {
    await write(1, 2);
    fs.rmSync(join(folder, 'f-02.png'));
    fs.mkdirSync(join(folder, 'f-02.png'));
    await expect(write(11, 12)).rejects.toThrow(/f-02\.png" is a folder/);
    expect(fs.readdirSync(folder)).toEqual(['f-01.png', 'f-02.png']);
    fs.rmdirSync(join(folder, 'f-02.png'));
    expect(await read()).toEqual([1]);
  });

  it('completes what a killed process was moving, and the sequence cannot be read before', async () => {
    await write(1, 2, 3);
    const pending = await killWhileMoving([11, 12], ['f-03.png', '../kept.txt'], 1, ENDED);
    fs.writeFileSync(join(root, 'kept.txt'), 'x');
    await expect(read()).rejects.toThrow(`were being replaced by others from "${pending}"`);
    await (await start(21)).abort();
    expect(await read()).toEqual([11, 12]);
    expect(fs.readdirSync(root)).toContain('kept.txt');
    expect(fs.readdirSync(folder)).toEqual(['f-01.png', 'f-02.png']);
  });

  it('refuses to write while another process moves images', async () => {
    await write(1, 2, 3);
    const pending = await killWhileMoving([11, 12], [], 1, processMark(process.ppid));
    await expect(start(21)).rejects.toThrow(`is in use by process ${process.ppid}`);
    expect(fs.readdirSync(folder)).toContain(basename(pending));
  });
});
