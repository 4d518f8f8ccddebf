import { createReadStream } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { MediaError } from '@od-vae/core/base';
import { processMark } from '@od-vae/core/files';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createVideoWriter } from './create-video-writer.ts';
import { openVideo } from './open-video.ts';
import type { Frame, ReadOptions, VideoSource } from './types.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'od-vae-live-'));
  await writeClip(join(folder, 'clip.y4m'), 6);
});
afterAll(() => rm(folder, { recursive: true }));

const frame = (index: number, width = 16, height = 8): Frame => ({
  width,
  height,
  data: Uint8Array.from({ length: width * height * 3 }, (_, at) => (at + 40 * index) % 256),
  timestamp: index / 10,
});

async function writeClip(path: string, count: number): Promise<void> {
  const writer = await createVideoWriter(path, { width: 16, height: 8, fps: 10 });
  for (let index = 0; index < count; index++) await writer.write(frame(index));
  await writer.finish();
}

async function framesOf(source: VideoSource, options: ReadOptions = {}): Promise<Frame[]> {
  await using reader = await openVideo(source, options);
  const frames: Frame[] = [];
  for await (const one of reader.frames()) frames.push(one);
  return frames;
}

/** Counts how many items were asked for, and whether it was ended. */
function counted<Item>(items: readonly Item[]) {
  const state = { taken: 0, ended: false };
  async function* generator() {
    try {
      for (const item of items) {
        state.taken += 1;
        yield item;
      }
    } finally {
      state.ended = true;
    }
  }
  return { state, items: generator() };
}

describe('openVideo of frames', () => {
  it.each(['an array', 'a generator'])('gives them as they are: %s', async (kind) => {
    const frames = [0, 1, 2].map((index) => frame(index));
    const source = kind === 'an array' ? frames : counted(frames).items;
    await using reader = await openVideo(source);
    expect(reader).toMatchObject({ width: 16, height: 8, fps: 10, frameCount: undefined });
    const found: Frame[] = [];
    for await (const one of reader.frames()) found.push(one);
    expect(found).toEqual(frames);
  });

  it('takes no more of them than are read, and ends them', async () => {
    const { state, items } = counted(Array.from({ length: 100 }, (_, index) => frame(index)));
    expect(await framesOf(items, { start: 1, frames: 3 })).toHaveLength(3);
    expect(state).toEqual({ taken: 4, ended: true });
  });

  it('applies rate, size and crop as to a file', async () => {
    const frames = Array.from({ length: 6 }, (_, index) => frame(index));
    const shown = await framesOf(frames, { fps: 5, crop: { width: 8, height: 8 } });
    expect(shown.map(({ width, data }) => [width, data[0]])).toEqual([
      [8, frames[0]!.data[12]],
      [8, frames[2]!.data[12]],
      [8, frames[4]!.data[12]],
    ]);
  });

  it.each<[string, unknown[], RegExp]>([
    ['nothing', [], /must give frames or bytes, but ended before the first/],
    ['something else', ['a', 'b'], /must give frames \{ width, height, data, timestamp \} or bytes, but item 0/],
    ['another size', [frame(0), frame(1, 8, 8)], /every frame must have 16x8 pixels of 3 bytes, but frame 1 has 8x8/],
    ['too few bytes', [{ ...frame(0), data: new Uint8Array(3) }], /frame 0 has 16x8 and 3 bytes/],
  ])('refuses %s', async (_, items, sentence) => {
    await expect(framesOf(items as Frame[])).rejects.toThrow(MediaError);
    await expect(framesOf(items as Frame[])).rejects.toThrow(sentence);
  });

  it('can be read once', async () => {
    await using reader = await openVideo([frame(0), frame(1)]);
    for await (const one of reader.frames()) expect(one.width).toBe(16);
    await expect(reader.frames().next()).rejects.toThrow('a stream of frames can be read once');
  });

  it('is given up at once when it is aborted while it waits', async () => {
    async function* camera(): AsyncGenerator<Frame> {
      yield frame(0);
      yield frame(1);
      await new Promise(() => undefined);
    }
    const controller = new AbortController();
    const reading = framesOf(camera(), { signal: controller.signal });
    setTimeout(() => controller.abort(new Error('enough')), 5);
    await expect(reading).rejects.toThrow('enough');
  });
});

describe('openVideo of a stream of bytes', () => {
  const inPieces = async (path: string, length: number) => {
    const bytes = new Uint8Array(await readFile(path));
    return Array.from({ length: Math.ceil(bytes.length / length) }, (_, index) =>
      bytes.subarray(index * length, (index + 1) * length),
    );
  };

  it.each([1, 7, 500, 100_000])('reads y4m in pieces of %i bytes as the file', async (length) => {
    const path = join(folder, 'clip.y4m');
    const { items } = counted(await inPieces(path, length));
    expect(await framesOf(items)).toEqual(await framesOf(path));
  });

  it('reads a y4m stream as it comes, and ends it', async () => {
    const { state, items } = counted(await inPieces(join(folder, 'clip.y4m'), 100));
    await using reader = await openVideo(items);
    expect(reader).toMatchObject({ width: 16, height: 8, fps: 10, frameCount: undefined });
    const frames = reader.frames();
    await frames.next();
    // A frame has 390 bytes, and lines are looked for in the next 1024.
    expect(state.taken).toBeLessThan(18);
    await frames.return();
    await reader.close();
    expect(state.ended).toBe(true);
  });

  it("reads Node's and the web's streams", async () => {
    const path = join(folder, 'clip.y4m');
    const expected = await framesOf(path);
    expect(await framesOf(createReadStream(path))).toEqual(expected);
    expect(await framesOf(new Blob([await readFile(path)]).stream())).toEqual(expected);
  });

  it('reads any other file through a temporary one, which is gone afterwards', async () => {
    const path = join(folder, 'clip.mp4');
    await writeClip(path, 4);
    const temporary = async () => (await readdir(tmpdir())).filter((name) => name.includes(processMark()));
    const before = await temporary();
    expect(await framesOf(createReadStream(path))).toEqual(await framesOf(path));
    expect(await temporary()).toEqual(before);
  });

  it('says that a stream which is cut short ends early', async () => {
    const pieces = await inPieces(join(folder, 'clip.y4m'), 100);
    await expect(framesOf(counted(pieces.slice(0, -2)).items)).rejects.toThrow('ends early: 5 frames were readable');
  });
});
