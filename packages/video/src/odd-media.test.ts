import { fileURLToPath } from 'node:url';
import { MediaError } from '@od-vae/core/base';
import { describe, expect, it } from 'vitest';
import { openVideo } from './open-video.ts';
import type { Frame, ReadOptions, VideoInfo } from './types.ts';

const path = (name: string) => fileURLToPath(new URL(`fixtures/odd/${name}`, import.meta.url));

async function read(name: string, options?: ReadOptions): Promise<{ info: VideoInfo; frames: Frame[] }> {
  await using reader = await openVideo(path(name), options);
  const frames: Frame[] = [];
  for await (const frame of reader.frames()) {
    frames.push(frame);
  }
  expect(reader.frameCount).toBe(frames.length);
  return { info: reader.info, frames };
}

/** Mean absolute difference, 0 to 255. */
function difference(left: Frame, right: Frame): number {
  return left.data.reduce((sum, value, index) => sum + Math.abs(value - right.data[index]!), 0) / left.data.length;
}

const times = (frames: readonly Frame[]) => frames.map(({ timestamp }) => Number(timestamp.toFixed(3)));

describe('openVideo', () => {
  it('leaves out the frames that lie before the start of an edit', async () => {
    const { info, frames } = await read('edit-list.mp4');
    const { frames: whole } = await read('plain.mp4');
    // The first frame that begins within the edit is shown at its start, as in FFmpeg.
    expect(times(frames)).toEqual([0, 0.042, 0.083, 0.125, 0.167, 0.208]);
    expect(info.duration).toBeCloseTo(6 / 24, 2);
    expect(difference(frames[0]!, whole[8]!)).toBe(0);
    expect(difference(frames[5]!, whole[13]!)).toBe(0);
  });

  it('keeps the delay of an empty edit, and can resample from there', async () => {
    expect(times((await read('delayed.mp4')).frames).slice(0, 3)).toEqual([1.5, 1.542, 1.583]);
    expect(times((await read('delayed.mp4', { fps: 12, frames: 3 })).frames)).toEqual([1.5, 1.583, 1.667]);
  });

  it('keeps the times of a varying rate, and shows each frame as long as it lasts when it resamples', async () => {
    const { info, frames } = await read('varying.mp4');
    expect(times(frames)).toEqual([0, 0.125, 0.25, 0.375, 0.417, 0.458, 0.5, 0.542]);
    expect(info.fps).toBeCloseTo(12.92, 2);
    const { frames: steady } = await read('varying.mp4', { fps: 24 });
    expect(steady).toHaveLength(14);
    expect(difference(steady[4]!, frames[1]!)).toBe(0);
  });

  it.each([
    ['ten-bit-444.mp4', { width: 64, height: 48, codec: 'hevc' }],
    ['twelve-bit-422.mkv', { width: 64, height: 48, codec: 'hevc' }],
    ['rgb.mp4', { width: 64, height: 48, colour: { matrix: 'rgb', range: 'full' } }],
    ['sar-3-4.mp4', { width: 64, height: 64 }],
    ['odd-444.mp4', { width: 63, height: 47 }],
    ['hlg.mp4', { colour: { matrix: 'bt2020', range: 'limited' } }],
  ])('reads every frame of %s', async (name, info) => {
    const { info: found, frames } = await read(name);
    expect(found).toMatchObject(info);
    expect(frames.length).toBe(Math.round(found.duration! * 24));
    expect(frames[0]).toMatchObject({ width: found.width, height: found.height });
  });

  it.each(['ten-bit-444.mp4', 'twelve-bit-422.mkv', 'rgb.mp4'])(
    'sees the colours of %s as those of 8 bits',
    async (name) => {
      const [{ frames }, { frames: plain }] = await Promise.all([read(name), read('plain.mp4')]);
      expect(difference(frames[0]!, plain[0]!)).toBeLessThan(16);
    },
  );

  it.each(['prores-alpha.mov', 'vp8-alpha.webm'])('lays the transparent pixels of %s over white', async (name) => {
    const { frames } = await read(name);
    const [left, right] = [frames[0]!.data.subarray(0, 3), frames[0]!.data.subarray(3 * 63, 3 * 64)];
    expect(Math.min(...left)).toBeGreaterThan(250);
    expect(Math.min(...right)).toBeLessThan(100);
  });

  it('refuses PQ by its name', async () => {
    await expect(openVideo(path('pq.mp4'))).rejects.toThrow(MediaError);
    await expect(openVideo(path('pq.mp4'))).rejects.toThrow('is HDR (PQ, SMPTE ST 2084), which needs tone mapping');
  });
});
