import { MediaError } from '@od-vae/core';
import { scoped, useBackend, useLeakGuard } from '@od-vae/test-utils';
import { describe, expect, it } from 'vitest';

import { clipOfLatents, type LatentChunk, type LatentFrame, latentFrames } from './latents.ts';

useBackend('cpu');
useLeakGuard();

const chunk = (time: number, first: number): LatentChunk => ({
  shape: [time, 2, 3, 4],
  data: Float32Array.from({ length: time * 24 }, (_, index) => first + index),
});

async function framesOf(chunks: LatentChunk[]): Promise<LatentFrame[]> {
  const frames: LatentFrame[] = [];
  for await (const frame of latentFrames(chunks)) frames.push(frame);
  return frames;
}

describe('latentFrames', () => {
  it('takes chunks apart, frame by frame', async () => {
    const frames = await framesOf([chunk(2, 0), chunk(1, 100)]);
    expect(frames.map(({ data, shape }) => [data[0], data.length, ...shape])).toEqual([
      [0, 24, 2, 3, 4],
      [24, 24, 2, 3, 4],
      [100, 24, 2, 3, 4],
    ]);
  });
});

describe('clipOfLatents', () => {
  it('puts frames together again', async () => {
    const frames = await framesOf([chunk(2, 0), chunk(1, 48)]);
    scoped(() => {
      const clip = clipOfLatents(frames);
      expect(clip.shape).toEqual([1, 3, 2, 3, 4]);
      expect(clip.dataSync()).toEqual(chunk(3, 0).data);
    })();
  });

  it.each([Number.NaN, Infinity])('refuses %d, of which a black picture would come', async (value) => {
    const damaged = chunk(2, 0);
    damaged.data[30] = value;
    const frames = await framesOf([damaged]);
    expect(() => clipOfLatents(frames)).toThrow(MediaError);
    expect(() => clipOfLatents(frames)).toThrow(`one of these 2 frames has ${value}.`);
  });
});
