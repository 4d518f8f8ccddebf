import { mkdtemp, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { useBackend, useLeakGuard } from '@od-vae/test-utils';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { SIZE, writeFolder, writeVideo } from '../fixtures/write-videos.ts';
import { clipBatches, clipTensor } from './clip-batches.ts';
import { type VideoClip } from './crop-clip.ts';
import { findVideos } from './find-videos.ts';
import { VideoFolder, type VideoFolderOptions } from './video-folder.ts';

useBackend('cpu');
useLeakGuard();

let folder: string;
let other: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'videos-'));
  await writeFolder(folder);
});
afterAll(() => rm(folder, { recursive: true }));
afterEach(async () => {
  if (other) await rm(other, { recursive: true, force: true });
});

const options: VideoFolderOptions = { frames: 5, size: 8, seed: 1 };

/** Brightness of each frame: y4m rounds it by a few levels. */
const brightness = ({ frames, data }: VideoClip) =>
  Array.from({ length: frames }, (_, frame) => data[(frame * data.length) / frames]!);

describe('VideoFolder', () => {
  it('finds videos at any depth, sorted, and nothing else', async () => {
    const { files } = await VideoFolder.open(folder, options);
    expect(files.map((path) => path.slice(folder.length + 1))).toEqual([
      join('deeper', 'video-1.y4m'),
      'video-0.y4m',
      'video-2.y4m',
    ]);
  });

  it('gives the same clip for a number always, from every video once an epoch', async () => {
    const first = await VideoFolder.open(folder, options);
    const clips = [0, 1, 2].map((index) => first.clip(index));
    const values = (await Promise.all(clips)).map((clip) => brightness(clip)[0]!);
    expect(new Set(values.map((value) => Math.floor((value - 15) / 60)))).toEqual(new Set([0, 1, 2]));
    const second = await VideoFolder.open(folder, options);
    expect((await second.clip(2)).data).toEqual((await clips[2])!.data);
    expect((await second.clip(5)).data).not.toEqual((await clips[2])!.data);
  });

  it('takes frames one after the other, resized and cut to the size', async () => {
    const videos = await VideoFolder.open(folder, options);
    const clip = await videos.clip(0);
    expect(clip).toMatchObject({ frames: 5, width: 8, height: 8 });
    const steps = brightness(clip).map((value, index, all) => value - (all[index - 1] ?? value - 1));
    for (const step of steps) expect(Math.abs(step - 1)).toBeLessThanOrEqual(2);
  });

  it('reads the same clips through its cache, which holds each video once', async () => {
    other = await mkdtemp(join(tmpdir(), 'cache-'));
    const plain = await VideoFolder.open(folder, { ...options, crop: 'random', flip: true });
    const cached = await VideoFolder.open(folder, { ...plain.options, cache: { folder: other } });
    for (const index of [0, 1, 2, 3, 4])
      expect((await cached.clip(index)).data).toEqual((await plain.clip(index)).data);
    const names = await readdir(other);
    expect(names.filter((name) => name.endsWith('.rgb'))).toHaveLength(3);
    expect(names.filter((name) => name.endsWith('.json'))).toHaveLength(3);
    // A cached file that was cut off is decoded again.
    await truncate(
      join(
        other,
        names.find((name) => name.endsWith('.rgb'))!,
      ),
      100,
    );
    expect((await cached.clip(0)).data).toEqual((await plain.clip(0)).data);
    const full = await VideoFolder.open(folder, { ...options, cache: { folder: join(other, 'full'), maxBytes: 1000 } });
    expect((await full.clip(0)).data).toEqual((await (await VideoFolder.open(folder, options)).clip(0)).data);
    expect(await readdir(join(other, 'full'))).toEqual([]);
  });

  it('counts the bytes of a cache once for folders that share it', async () => {
    other = await mkdtemp(join(tmpdir(), 'shared-'));
    // As much as two videos of 12x8, or one of them and four of 6x4.
    const maxBytes = 2 * 20 * 12 * 8 * 3;
    const videos = await VideoFolder.open(folder, { ...options, cache: { folder: other, maxBytes } });
    const pictures = videos.with({ frames: 1, size: 4 });
    for (let index = 0; index < 3; index++) {
      await videos.clip(index);
      expect(await pictures.clip(index)).toMatchObject({ frames: 1, width: 4, height: 4 });
    }
    const files = (await readdir(other)).filter((name) => name.endsWith('.rgb'));
    const sizes = await Promise.all(files.map(async (name) => (await stat(join(other, name))).size));
    const held = sizes.reduce((sum, size) => sum + size, 0);
    expect(held).toBeLessThanOrEqual(maxBytes);
    expect(held).toBeGreaterThan(maxBytes / 2);
  });

  it('goes to another file where one is broken, and counts it once', async () => {
    other = await mkdtemp(join(tmpdir(), 'broken-'));
    await writeVideo(join(other, 'good.y4m'), 8);
    await writeFile(join(other, 'bad.y4m'), 'YUV4MPEG2 nonsense');
    const videos = await VideoFolder.open(other, options);
    for (let index = 0; index < 6; index++) expect((await videos.clip(index)).frames).toBe(5);
    expect([...videos.skipped.keys()]).toEqual([join(other, 'bad.y4m')]);
    await rm(join(other, 'good.y4m'));
    const none = await VideoFolder.open(other, options);
    await expect(none.clip(0)).rejects.toThrow(/^VideoFolder: needs a file that can be read, but 1 cannot: /);
  });

  it('cuts full pictures where it does not resize, and skips those that are too small', async () => {
    const cut = await VideoFolder.open(folder, { ...options, size: 16, resize: false });
    expect(await cut.clip(0)).toMatchObject({ width: 16, height: 16 });
    const large = await VideoFolder.open(folder, { ...options, size: 32, resize: false });
    await expect(large.clip(0)).rejects.toThrow(`is ${SIZE.width}x${SIZE.height}, but a clip needs 32x32.`);
  });

  it('zooms in and out by chance, and cuts no more than there is', async () => {
    const zoomed = await VideoFolder.open(folder, { ...options, resize: false, crop: 'random', zoom: 4 });
    const plain = await VideoFolder.open(folder, { ...options, resize: false, crop: 'random' });
    for (const index of [0, 1, 2, 3, 4, 5]) {
      const [near, far] = [await zoomed.clip(index), await plain.clip(index)];
      expect(near).toMatchObject({ frames: 5, width: 8, height: 8 });
      // Pictures are of one brightness, whatever part of them is shown.
      expect(brightness(near)).toEqual(brightness(far));
    }
  });

  it('moves what it cuts out, and shows the same frames', async () => {
    const panned = await VideoFolder.open(folder, { ...options, resize: false, crop: 'random', pan: 3 });
    for (const index of [0, 1, 2, 3]) {
      const clip = await panned.clip(index);
      expect(clip).toMatchObject({ frames: 5, width: 8, height: 8 });
      expect(new Set(clip.data).size).toBe(5);
    }
  });

  it('refuses options that cannot work', () => {
    expect(() => new VideoFolder(['a'], { ...options, zoom: 0.5 })).toThrow('zoom must be from 1 to 16, but is 0.5.');
    expect(() => new VideoFolder(['a'], { ...options, pan: -1 })).toThrow('pan must be from 0 to 65536 px a frame');
    expect(() => new VideoFolder(['a'], { ...options, frames: 0 })).toThrow('frames must be a whole number from 1');
    expect(() => new VideoFolder([], options)).toThrow('needs at least one file');
  });
});

describe('findVideos', () => {
  it('refuses a folder without videos, and what is no folder', async () => {
    other = await mkdtemp(join(tmpdir(), 'empty-'));
    await expect(findVideos(other)).rejects.toThrow('needs a video');
    await expect(findVideos(join(other, 'nowhere'))).rejects.toThrow('needs a folder');
  });
});

describe('clipBatches', () => {
  const clipAt = async (index: number): Promise<VideoClip> => ({
    frames: 1,
    height: 1,
    width: 1,
    data: Uint8Array.of(index, 0, 255),
  });

  it('gives each step its own clips, in [-1, 1]', async () => {
    const batches = clipBatches(clipAt, { batch: 2, accumulate: 2 });
    for (const step of [1, 2, 7]) {
      const tensors = await batches(step);
      expect(tensors.map(({ shape }) => shape)).toEqual([
        [2, 1, 1, 1, 3],
        [2, 1, 1, 1, 3],
      ]);
      const values = tensors.flatMap((tensor) => [...tensor.dataSync()]);
      const indices = values.filter((_, index) => index % 3 === 0).map((value) => Math.round(((value + 1) / 2) * 255));
      expect(indices).toEqual([0, 1, 2, 3].map((index) => (step - 1) * 4 + index));
      expect(values.slice(1, 3)).toEqual([-1, 1]);
      for (const tensor of tensors) tensor.dispose();
    }
  });

  it('refuses clips of different sizes', () => {
    const clip = (size: number): VideoClip => ({ frames: 1, height: 1, width: size, data: new Uint8Array(3 * size) });
    expect(() => clipTensor([clip(1), clip(2)])).toThrow('all clips need 1 frames of 1x1, but one has 1 of 2x1.');
  });
});
