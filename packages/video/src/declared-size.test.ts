import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openBytes } from './byte-source.ts';
import { declaredSize } from './declared-size.ts';

const read = (name: string) => new Uint8Array(readFileSync(new URL(`fixtures/${name}`, import.meta.url)));

describe('declaredSize', () => {
  it.each(['h264.mp4', 'vp9.webm', 'hevc.mkv', 'mpeg4.avi'])(
    'is the size of the whole file %s, also when it is cut',
    async (name) => {
      const data = read(name);
      expect(await declaredSize(await openBytes(data))).toBe(data.length);
      expect(await declaredSize(await openBytes(data.subarray(0, data.length - 100)))).toBe(data.length);
    },
  );

  it('is unknown for anything else', async () => {
    expect(
      await declaredSize(await openBytes(new TextEncoder().encode('just some text, long enough'))),
    ).toBeUndefined();
    expect(await declaredSize(await openBytes(new Uint8Array(3)))).toBeUndefined();
    expect(await declaredSize(await openBytes(new Uint8Array(64)))).toBeUndefined();
  });
});
