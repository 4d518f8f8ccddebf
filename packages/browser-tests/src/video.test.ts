import { MediaError } from '@od-vae/core';
import {
  createVideoWriter,
  type Frame,
  openVideo,
  probeVideo,
  type VideoSource,
  type WriterOptions,
} from '@od-vae/video';
import { beforeAll, describe, expect, it } from 'vitest';

import nodeFrames from '../fixtures/node-frames.json' with { type: 'json' };
import { blobTarget } from './blob-target.ts';
import { fetchBlob } from './fetch-bytes.ts';

/** Each address is written out, because that is what bundlers see. */
const VIDEOS: Readonly<Record<keyof typeof nodeFrames, URL>> = {
  'h264.mp4': new URL('../../video/src/fixtures/h264.mp4', import.meta.url),
  'vp9.webm': new URL('../../video/src/fixtures/vp9.webm', import.meta.url),
  'av1.mp4': new URL('../../video/src/fixtures/av1.mp4', import.meta.url),
  'full-709.mp4': new URL('../../video/src/fixtures/full-709.mp4', import.meta.url),
  'rotated.mp4': new URL('../../video/src/fixtures/rotated.mp4', import.meta.url),
  'odd.webm': new URL('../../video/src/fixtures/odd.webm', import.meta.url),
  'ten-bit.webm': new URL('../../video/src/fixtures/ten-bit.webm', import.meta.url),
  'yuv444.mp4': new URL('../../video/src/fixtures/yuv444.mp4', import.meta.url),
  'vfr.webm': new URL('../../video/src/fixtures/vfr.webm', import.meta.url),
  'alpha.webm': new URL('../../video/src/fixtures/alpha.webm', import.meta.url),
  'disposal.gif': new URL('../../video/src/fixtures/disposal.gif', import.meta.url),
};
const ANIMATED_WEBP = new URL('../../video/src/fixtures/animated.webp', import.meta.url);
const ANIMATED_PNG = new URL('../../video/src/fixtures/animated.png', import.meta.url);
const AVIF_SEQUENCE = new URL('../../video/src/fixtures/sequence.avif', import.meta.url);
const HEVC = new URL('../../video/src/fixtures/hevc.mkv', import.meta.url);

async function readAll(source: VideoSource): Promise<Frame[]> {
  await using reader = await openVideo(source);
  const frames: Frame[] = [];
  for await (const frame of reader.frames()) frames.push(frame);
  expect(frames).toHaveLength(reader.frameCount!);
  return frames;
}

/** About a hundred values of a frame, as the fixture holds them. */
function sampled({ data }: Frame): number[] {
  const step = Math.max(1, Math.floor(data.length / 96));
  return Array.from(data).filter((_, index) => index % step === 0);
}

/** Largest and mean difference of two frames, 0 to 255. */
function difference(a: Frame, b: Frame): { largest: number; mean: number } {
  expect([b.width, b.height]).toEqual([a.width, a.height]);
  const all = Array.from(a.data, (value, index) => Math.abs(value - b.data[index]!));
  return { largest: Math.max(...all), mean: all.reduce((sum, value) => sum + value, 0) / all.length };
}

async function written(frames: readonly Frame[], options: Pick<WriterOptions, 'format' | 'codec'>): Promise<Blob> {
  const { width, height } = frames[0]!;
  const { stream, blob } = blobTarget();
  await using writer = await createVideoWriter(stream, { width, height, fps: 24, ...options });
  for (const frame of frames) await writer.write(frame);
  await writer.finish();
  return blob();
}

describe('openVideo in a browser', () => {
  it.each(Object.entries(nodeFrames))('gives of %s, a Blob, what it gives in Node', async (name, expected) => {
    const frames = await readAll(await fetchBlob(VIDEOS[name as keyof typeof nodeFrames]));
    const [first, last] = [frames[0]!, frames.at(-1)!];
    expect({
      frames: frames.length,
      width: first.width,
      height: first.height,
      first: sampled(first),
      last: sampled(last),
    }).toEqual(expected);
  });

  it.each([
    ['animated.webp', ANIMATED_WEBP, [40, 120, 200], [0, 0.05, 0.15]],
    ['animated.png', ANIMATED_PNG, [40, 120, 200], [0, 0.1, 0.2]],
    ['sequence.avif', AVIF_SEQUENCE, [40, 80, 120, 160, 200], [0, 0.1, 0.2, 0.3, 0.4]],
  ])(
    'gives all frames of %s, or refuses it where the browser reads only the first',
    async (name, url, levels, times) => {
      const type = `image/${name.split('.')[1]}`;
      const source = await fetchBlob(url);
      if (typeof ImageDecoder === 'undefined' || !(await ImageDecoder.isTypeSupported(type))) {
        await expect(openVideo(source)).rejects.toThrow('of which this browser reads only the first');
        return;
      }
      const frames = await readAll(source);
      expect(frames.map(({ timestamp }) => Number(timestamp.toFixed(3)))).toEqual(times);
      for (const [index, { data }] of frames.entries()) expect(Math.abs(data[0]! - levels[index]!)).toBeLessThan(4);
    },
  );

  it('reads an address in parts', async () => {
    expect(await probeVideo(VIDEOS['h264.mp4'])).toMatchObject({ width: 64, height: 48, frameCount: 13, codec: 'avc' });
    expect(await readAll(VIDEOS['h264.mp4'])).toHaveLength(13);
  });

  it('says that the browser is what has no codec', async () => {
    await expect(openVideo(await fetchBlob(HEVC))).rejects.toThrow(
      new MediaError('openVideo: a blob of 4275 bytes needs a codec that this browser does not have.'),
    );
  });

  it('refuses a path', async () => {
    await expect(openVideo('file:///clip.mp4')).rejects.toThrow(
      new MediaError('openVideo: a browser cannot open file:///clip.mp4; pass the file itself (a File or Blob).'),
    );
  });
});

describe('createVideoWriter in a browser', () => {
  let original: Frame[];
  beforeAll(async () => {
    original = await readAll(await fetchBlob(VIDEOS['vp9.webm']));
  });

  it.each([
    ['webm', undefined, 'vp9', 2],
    ['mp4', undefined, 'avc', 5],
    ['mp4', 'vp9', 'vp9', 2],
    ['mkv', 'av1', 'av1', 2],
    ['gif', undefined, 'gif', 5],
    ['y4m', undefined, 'rawvideo', 1],
  ] as const)(
    'writes %s (codec %s) to a stream, readable with the same frames',
    async (format, codec, stored, most) => {
      const blob = await written(original, { format, codec });
      expect((await probeVideo(blob)).codec).toBe(stored);
      const frames = await readAll(blob);
      expect(frames).toHaveLength(original.length);
      expect(Math.max(...frames.map((frame, index) => difference(frame, original[index]!).mean))).toBeLessThan(most);
    },
  );

  it('keeps an odd size, with the chroma of the last column', async () => {
    const odd = await readAll(await fetchBlob(VIDEOS['odd.webm']));
    const frames = await readAll(await written(odd, { format: 'webm' }));
    expect(Math.max(...frames.map((frame, index) => difference(frame, odd[index]!).mean))).toBeLessThan(2);
  });

  it('writes a png without loss', async () => {
    const [frame] = await readAll(await written(original.slice(0, 1), { format: 'png' }));
    expect(difference(frame!, original[0]!).largest).toBe(0);
  });

  it('refuses a path', async () => {
    await expect(createVideoWriter('clip.mp4', { width: 16, height: 16, fps: 1 })).rejects.toThrow(
      new MediaError('createVideoWriter: a browser cannot write to "clip.mp4"; pass a writable stream.'),
    );
  });
});
