import { readFileSync } from 'node:fs';
import { MediaError } from '@od-vae/core/base';
import { describe, expect, it } from 'vitest';
import { openVideo } from '../open-video.ts';

/** A fixture whose bytes are overwritten from a share of its length on. */
function damaged(name: string, at: number): Uint8Array {
  const bytes = new Uint8Array(readFileSync(new URL(`../fixtures/${name}`, import.meta.url)));
  const begin = Math.floor(bytes.length * at);
  return bytes.fill(0xff, begin, begin + 40);
}

async function read(bytes: Uint8Array): Promise<number> {
  let count = 0;
  await using reader = await openVideo(bytes);
  for await (const { data } of reader.frames()) {
    count += data.length > 0 ? 1 : 0;
  }
  return count;
}

describe('strictDecoder', () => {
  it.each([
    ['h264.mp4', 0.5],
    ['alpha.webm', 0.5],
  ])(
    'refuses damage in %s that FFmpeg would paint over, and leaves no promise that nobody waits for',
    async (name, at) => {
      const strays: unknown[] = [];
      const hear = (error: unknown): void => void strays.push(error);
      process.on('unhandledRejection', hear);
      try {
        await expect(read(damaged(name, at))).rejects.toThrow(MediaError);
        await expect(read(damaged(name, at))).rejects.toThrow(/cannot be decoded past frame \d+: a p\w+ is damaged/);
        await new Promise((resolve) => setTimeout(resolve, 50));
      } finally {
        process.off('unhandledRejection', hear);
      }
      expect(strays).toEqual([]);
    },
  );

  it('lets a reader stop early, and start again', async () => {
    await using reader = await openVideo(damaged('h264.mp4', 0.95));
    for (let time = 0; time < 2; time += 1) {
      for await (const { timestamp } of reader.frames()) {
        expect(timestamp).toBe(0);
        break;
      }
    }
  });

  it('gives the frames before the damage first', async () => {
    let count = 0;
    await using reader = await openVideo(damaged('odd/plain.mp4', 0.5));
    const reading = async () => {
      for await (const { data } of reader.frames()) count += data.length > 0 ? 1 : 0;
    };
    await expect(reading()).rejects.toThrow(
      'cannot be decoded past frame 6: a picture is damaged, or needs one that is missing.',
    );
    expect(count).toBe(6);
  });
});
