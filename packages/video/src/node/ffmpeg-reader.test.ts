import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { processMark } from '@od-vae/core/files';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createVideoWriter } from '../create-video-writer.ts';
import { machineEngines } from '../media-engines.ts';
import { openSource } from '../open-source.ts';
import type { Pixels } from '../picture.ts';
import type { VideoSource } from '../types.ts';

const path = (name: string) => fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));
const engines = { ...machineEngines, loadServer: async () => false };
const hasFfmpeg = (await engines.findFfmpeg()) !== undefined;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'od-vae-video-test-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function readAll(source: VideoSource, chosen = engines) {
  const opened = await openSource(source, {}, chosen);
  const frames: Pixels[] = [];
  const times: number[] = [];
  try {
    for await (const picture of opened.pictures()) {
      frames.push(await picture.pixels());
      times.push(picture.timestamp);
      picture.release();
    }
  } finally {
    await opened.close();
  }
  return { info: opened.info, frames, times };
}

/** These run where `ffmpeg` and `ffprobe` are on PATH. */
describe.skipIf(!hasFfmpeg)('openWithFfmpeg', () => {
  it.each([
    'h264.mp4',
    'vp9.webm',
    'hevc.mkv',
    'rotated.mp4',
    'odd.webm',
    'ten-bit.webm',
    'yuv422.mkv',
    'full-709.mp4',
    'late.mkv',
  ])('reads %s exactly as mediabunny does', async (name) => {
    const own = await readAll(path(name), machineEngines);
    const other = await readAll(path(name));
    expect(other.frames).toEqual(own.frames);
    expect(other.times.map((time) => time.toFixed(2))).toEqual(own.times.map((time) => time.toFixed(2)));
    expect(other.info.colour).toEqual(own.info.colour);
    expect(other.info.fps).toBeCloseTo(own.info.fps);
  });

  it('reads what mediabunny cannot, also from memory, and leaves no copy', async () => {
    const { info, frames } = await readAll(new Uint8Array(readFileSync(path('mpeg4.avi'))), machineEngines);
    expect(info).toMatchObject({ codec: 'mpeg4', container: 'avi', frameCount: 13 });
    expect(frames).toHaveLength(13);
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith('.video.') && name.includes(processMark()))).toEqual(
      [],
    );
  });

  it('says that a video ends early, and refuses text and sound', async () => {
    await expect(readAll(path('truncated.mp4'))).rejects.toThrow('ends early: 8 frames were readable');
    await expect(readAll(path('audio-only.mp4'))).rejects.toThrow('no video track, only sound');
    await expect(readAll(new TextEncoder().encode('just some text'))).rejects.toThrow('is not a video');
  });

  it.each([
    ['a.mp4', 64],
    ['a.webm', 64],
    ['odd.mp4', 63],
  ])('writes %s, %d wide, that mediabunny reads back whole', async (name, width) => {
    const file = join(folder, name);
    const writer = await createVideoWriter(file, { width, height: 48, fps: 24 }, engines);
    for (let index = 0; index < 13; index += 1) {
      await writer.write({ width, height: 48, timestamp: 0, data: new Uint8Array(width * 48 * 3).fill(20 * index) });
    }
    await writer.finish();
    const { info, frames } = await readAll(file, machineEngines);
    expect(info).toMatchObject({ width, height: 48, frameCount: 13, colour: { matrix: 'bt709', range: 'limited' } });
    expect(Math.abs(frames[12]!.data[0]! - 240)).toBeLessThanOrEqual(2);
    expect(readdirSync(folder)).toEqual([name]);
  });

  it.each(['a.mp4', 'a.mkv', 'a.webm'])('gives the same bytes of the same frames in %s', async (name) => {
    const files: Uint8Array[] = [];
    for (let time = 0; time < 2; time += 1) {
      const writer = await createVideoWriter(join(folder, name), { width: 64, height: 48, fps: 24 }, engines);
      for (let index = 0; index < 5; index += 1) {
        await writer.write({ width: 64, height: 48, timestamp: 0, data: new Uint8Array(64 * 48 * 3).fill(40 * index) });
      }
      await writer.finish();
      files.push(readFileSync(join(folder, name)));
    }
    expect(files[1]).toEqual(files[0]);
  });

  it('leaves nothing when it is aborted', async () => {
    const writer = await createVideoWriter(join(folder, 'a.mp4'), { width: 64, height: 48, fps: 24 }, engines);
    await writer.write({ width: 64, height: 48, timestamp: 0, data: new Uint8Array(64 * 48 * 3) });
    await writer.abort();
    expect(readdirSync(folder)).toEqual([]);
  });
});
