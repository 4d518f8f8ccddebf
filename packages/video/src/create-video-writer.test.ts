import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MediaError, ShapeError } from '@od-vae/core/base';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createVideoWriter } from './create-video-writer.ts';
import { openVideo } from './open-video.ts';
import type { Frame, VideoInfo, WriteChunk, WriterOptions } from './types.ts';

const SIZE = { width: 64, height: 48, fps: 24 };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'od-vae-video-test-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Smooth colours that move; what 4:2:0 can hold. */
function makeFrames(count: number, { width, height } = SIZE): Frame[] {
  return Array.from({ length: count }, (_, index) => {
    const data = new Uint8Array(width * height * 3);
    for (let pixel = 0; pixel < width * height; pixel += 1) {
      const column = pixel % width;
      const row = Math.floor(pixel / width);
      data[3 * pixel] = 40 + 2 * ((column + 3 * index) % 64);
      data[3 * pixel + 1] = 60 + 2 * row;
      data[3 * pixel + 2] = 200 - column - index;
    }
    return { width, height, data, timestamp: index / 24 };
  });
}

async function writeAll(name: string, frames: readonly Frame[], options: Partial<WriterOptions> = {}): Promise<string> {
  const path = join(folder, name);
  await using writer = await createVideoWriter(path, { ...SIZE, ...options });
  for (const frame of frames) {
    await writer.write(frame);
  }
  await writer.finish();
  return path;
}

async function readAll(path: string): Promise<{ info: VideoInfo; frames: Frame[] }> {
  await using reader = await openVideo(path);
  const frames: Frame[] = [];
  for await (const frame of reader.frames()) {
    frames.push(frame);
  }
  return { info: reader.info, frames };
}

/** Peak signal-to-noise ratio in decibels over all frames. */
function psnr(left: readonly Frame[], right: readonly Frame[]): number {
  let sum = 0;
  let count = 0;
  for (const [index, frame] of left.entries()) {
    for (const [position, value] of frame.data.entries()) {
      sum += (value - right[index]!.data[position]!) ** 2;
      count += 1;
    }
  }
  return 10 * Math.log10((255 * 255 * count) / sum);
}

describe('createVideoWriter', () => {
  it.each(['mp4', 'mov', 'mkv', 'webm'])(
    'gives the same bytes of the same frames at any time in %s',
    async (format) => {
      vi.useFakeTimers({ toFake: ['Date'], now: new Date('2001-02-03') });
      try {
        const then = readFileSync(await writeAll(`a.${format}`, makeFrames(5)));
        vi.setSystemTime(new Date('2026-11-24'));
        const now = readFileSync(await writeAll(`b.${format}`, makeFrames(5)));
        expect(now.equals(then)).toBe(true);
      } finally {
        vi.useRealTimers();
      }
    },
  );

  it.each<[string, Partial<WriterOptions>, string, number]>([
    ['a.mp4', {}, 'avc', 35],
    ['a.mov', {}, 'avc', 35],
    ['a.mkv', {}, 'avc', 35],
    ['a.webm', {}, 'vp9', 35],
    ['b.mp4', { codec: 'hevc' }, 'hevc', 34],
    ['b.mkv', { codec: 'av1' }, 'av1', 34],
    ['b.webm', { codec: 'vp8' }, 'vp8', 30],
    ['a.gif', {}, 'gif', 30],
    ['a.y4m', {}, 'rawvideo', 50],
  ])('writes every frame of %s %o, in its size, rate and colours', async (name, options, codec, least) => {
    const written = makeFrames(13);
    const { info, frames } = await readAll(await writeAll(name, written, options));
    expect(frames).toHaveLength(13);
    expect(info).toMatchObject({ width: 64, height: 48, frameCount: 13, codec });
    expect(info.fps).toBeCloseTo(24, name.endsWith('.gif') ? 0 : 2);
    expect(psnr(written, frames)).toBeGreaterThan(least);
    expect(readdirSync(folder)).toEqual([name]);
  });

  it.each(['mp4', 'mkv', 'webm', 'y4m', 'gif'])('keeps odd sizes in %s', async (extension) => {
    const size = { width: 63, height: 47, fps: 24 };
    const written = makeFrames(3, size);
    const { info, frames } = await readAll(await writeAll(`odd.${extension}`, written, size));
    expect(info).toMatchObject({ width: 63, height: 47, frameCount: 3 });
    expect(psnr(written, frames)).toBeGreaterThan(30);
  });

  it('tags what it writes as BT.709, limited range', async () => {
    for (const name of ['a.mp4', 'a.mkv', 'a.webm', 'a.mov']) {
      const { info } = await readAll(await writeAll(name, makeFrames(2)));
      expect(info.colour).toEqual({ matrix: 'bt709', range: 'limited' });
    }
  });

  it.each(['mp4', 'webm'])('loses only chroma between pixels in lossless %s', async (extension) => {
    const grey = makeFrames(3).map((frame) => ({
      ...frame,
      data: frame.data.map((_, index, all) => all[index - (index % 3)]!),
    }));
    const { frames } = await readAll(await writeAll(`grey.${extension}`, grey, { lossless: true }));
    const largest = grey.map((frame, index) =>
      Math.max(...frame.data.map((value, at) => Math.abs(value - frames[index]!.data[at]!))),
    );
    expect(Math.max(...largest)).toBeLessThanOrEqual(1);
  });

  it('gives larger and better files for a higher quality', async () => {
    const written = makeFrames(5);
    const low = await readAll(await writeAll('low.mp4', written, { quality: 0.2 }));
    const high = await readAll(await writeAll('high.mp4', written, { quality: 0.95 }));
    expect(psnr(written, high.frames)).toBeGreaterThan(psnr(written, low.frames) + 2);
  });

  it('keeps a rate of 29.97', async () => {
    const rate = 30_000 / 1001;
    for (const name of ['a.mp4', 'a.y4m']) {
      expect((await readAll(await writeAll(name, makeFrames(30), { fps: rate }))).info.fps).toBeCloseTo(rate, 3);
    }
  });

  it('writes images without loss, alone, by pattern and into a folder', async () => {
    const written = makeFrames(3);
    expect(psnr(written.slice(0, 1), (await readAll(await writeAll('one.png', written.slice(0, 1)))).frames)).toBe(
      Infinity,
    );
    const pattern = await writeAll('new/name-%03d.png', written);
    expect(readdirSync(join(folder, 'new'))).toEqual(['name-001.png', 'name-002.png', 'name-003.png']);
    expect(psnr(written, (await readAll(pattern)).frames)).toBe(Infinity);
    const images = await writeAll('images/', written, { format: 'jpg' });
    expect(psnr(written, (await readAll(images)).frames)).toBeGreaterThan(35);
  });

  it('writes to a stream that takes pieces at any position', async () => {
    let data = new Uint8Array();
    const target = new WritableStream<WriteChunk>({
      write: (chunk) => {
        const grown = new Uint8Array(Math.max(data.length, chunk.position + chunk.data.length));
        grown.set(data);
        grown.set(chunk.data, chunk.position);
        data = grown;
      },
    });
    const writer = await createVideoWriter(target, { ...SIZE, format: 'mp4' });
    for (const frame of makeFrames(4)) {
      await writer.write(frame);
    }
    await writer.finish();
    await using reader = await openVideo(data);
    expect(reader.frameCount).toBe(4);
  });

  it.each(['a.mp4', 'a.y4m', 'a.gif', 'new/a-%02d.png'])(
    'leaves nothing of %s when it is not finished',
    async (name) => {
      {
        await using writer = await createVideoWriter(join(folder, name), SIZE);
        await writer.write(makeFrames(1)[0]!);
      }
      expect(readdirSync(folder)).toEqual([]);
    },
  );

  it('leaves the old file in place until the new one is finished', async () => {
    writeFileSync(join(folder, 'a.y4m'), 'old');
    const writer = await createVideoWriter(join(folder, 'a.y4m'), SIZE);
    await writer.write(makeFrames(1)[0]!);
    await writer.abort();
    expect(readFileSync(join(folder, 'a.y4m'), 'utf8')).toBe('old');
    expect(readdirSync(folder)).toEqual(['a.y4m']);
  });

  it('aborts with its signal, and leaves nothing', async () => {
    const controller = new AbortController();
    const writer = await createVideoWriter(join(folder, 'a.mp4'), { ...SIZE, signal: controller.signal });
    await writer.write(makeFrames(1)[0]!);
    controller.abort(new Error('enough'));
    await expect(writer.write(makeFrames(1)[0]!)).rejects.toThrow('enough');
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each(['mp4', 'y4m'] as const)('says that the disk is full when it is (%s)', async (format) => {
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    const target = new WritableStream<WriteChunk>({
      write: () => {
        throw full;
      },
    });
    const write = async () => {
      await using writer = await createVideoWriter(target, { ...SIZE, format });
      for (const frame of makeFrames(3)) {
        await writer.write(frame);
      }
      await writer.finish();
    };
    await expect(write()).rejects.toThrow('no space is left on the disk');
  });

  it('refuses what it cannot write, in one sentence', async () => {
    const at = (name: string, options: Partial<WriterOptions> = {}) =>
      createVideoWriter(join(folder, name), { ...SIZE, ...options });
    await expect(at('a.xyz')).rejects.toThrow('but ends in .xyz');
    await expect(at('none')).rejects.toThrow('ends in no extension');
    await expect(at('no/such/folder/a.mp4')).rejects.toThrow('its folder does not exist');
    await expect(at('a.mp4', { width: 0 })).rejects.toThrow('the size is 0x48');
    await expect(at('a.mp4', { fps: 0 })).rejects.toThrow('fps must be above 0');
    await expect(at('a.mp4', { quality: 2 })).rejects.toThrow('quality must be from 0 to 1');
    await expect(at('a.webm', { codec: 'avc' })).rejects.toThrow('webm is written with vp9, av1, vp8');
    await expect(at('a.mp4', { codec: 'avc', width: 63 })).rejects.toThrow(
      'avc needs even sides, but the size is 63x48',
    );
    await expect(at('a.mov', { width: 63 })).rejects.toThrow('avc needs even sides');
    await expect(at('a.mp4', { codec: 'hevc', lossless: true })).rejects.toThrow('lossless needs avc or vp9');
    await expect(at('a.gif', { fps: 60 })).rejects.toThrow('at most 50 frames a second');
    expect(readdirSync(folder)).toEqual([]);
  });

  it('refuses frames of another size, a second frame in one image, and an empty video', async () => {
    const other = await createVideoWriter(join(folder, 'a.mp4'), SIZE);
    await expect(other.write(makeFrames(1, { ...SIZE, width: 32 })[0]!)).rejects.toThrow(ShapeError);
    const short = await createVideoWriter(join(folder, 'a.mp4'), SIZE);
    await expect(short.write({ ...makeFrames(1)[0]!, data: new Uint8Array(5) })).rejects.toThrow('but this one has 5');
    const image = await createVideoWriter(join(folder, 'a.png'), SIZE);
    await image.write(makeFrames(1)[0]!);
    await expect(image.write(makeFrames(1)[0]!)).rejects.toThrow('a png file holds one frame');
    const empty = await createVideoWriter(join(folder, 'a.mp4'), SIZE);
    await expect(empty.finish()).rejects.toThrow('needs at least one frame');
    await expect(empty.write(makeFrames(1)[0]!)).rejects.toThrow('is aborted');
    expect(readdirSync(folder)).toEqual([]);
  });

  it('names both install lines where there is no codec, and opens no file', async () => {
    const engines = { loadServer: async () => false, findFfmpeg: async () => undefined };
    const opening = createVideoWriter(join(folder, 'a.mp4'), SIZE, engines);
    await expect(opening).rejects.toThrow(MediaError);
    await expect(opening).rejects.toThrow('npm install @mediabunny/server');
    expect(existsSync(join(folder, 'a.mp4'))).toBe(false);
  });

  it('prints nothing', async () => {
    const { execFile } = await import('node:child_process');
    const script = `
      const { createVideoWriter, openVideo } = await import(${JSON.stringify(new URL('../dist/index.js', import.meta.url).href)});
      const path = ${JSON.stringify(join(folder, 'a.mkv'))};
      const writer = await createVideoWriter(path, { width: 64, height: 48, fps: 24, codec: 'av1' });
      await writer.write({ width: 64, height: 48, timestamp: 0, data: new Uint8Array(9216) });
      await writer.finish();
      const reader = await openVideo(${JSON.stringify(fileURLToPath(new URL('fixtures/truncated.mp4', import.meta.url)))});
      try { for await (const frame of reader.frames()) {} } catch {}
      await reader.close();`;
    const printed = await new Promise<string>((resolve) => {
      execFile(process.execPath, ['--input-type=module', '-e', script], (error, stdout, stderr) =>
        resolve(`${error ?? ''}${stdout}${stderr}`),
      );
    });
    expect(printed).toBe('');
  });
});
