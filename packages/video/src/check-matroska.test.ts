import { readFileSync } from 'node:fs';
import { MediaError } from '@od-vae/core/base';
import { describe, expect, it } from 'vitest';
import { openBytes } from './byte-source.ts';
import { checkMatroska } from './check-matroska.ts';
import { openVideo } from './open-video.ts';

const read = (name: string) => new Uint8Array(readFileSync(new URL(`fixtures/${name}`, import.meta.url)));
const check = async (bytes: Uint8Array) => checkMatroska(await openBytes(bytes));

/** A file with some of its bytes twice. */
function repeated(bytes: Uint8Array, at: number, length: number): Uint8Array {
  return Uint8Array.from([...bytes.subarray(0, at + length), ...bytes.subarray(at)]);
}

describe('checkMatroska', () => {
  it.each(['vp9.webm', 'hevc.mkv', 'late.mkv', 'yuv422.mkv', 'odd/twelve-bit-422.mkv', 'h264.mp4', 'disposal.gif'])(
    'lets %s pass',
    async (name) => {
      await expect(check(read(name))).resolves.toBeUndefined();
    },
  );

  it('recognizes unknown sizes of any length, of which mediabunny reads those of 1 and 8 bytes', async () => {
    const bytes = read('vp9.webm');
    const id = [0x1f, 0x43, 0xb6, 0x75];
    const at = bytes.findIndex((_, index) => id.every((byte, place) => bytes[index + place] === byte));
    const length = Math.clz32(bytes[at + 4]!) - 23;
    bytes.fill(0xff, at + 4, at + 4 + length)[at + 4] = (1 << (9 - length)) - 1;
    await expect(check(bytes)).resolves.toBe(length === 8 ? undefined : 'openSizes');
    const sizeAt =
      bytes.findIndex((_, index) => [0x18, 0x53, 0x80, 0x67].every((byte, n) => bytes[index + n] === byte)) + 4;
    const rest = bytes.subarray(sizeAt + Math.clz32(bytes[sizeAt]!) - 23);
    for (let size = 1; size <= 8; size += 1) {
      const open = [(1 << (9 - size)) - 1, ...Array.from({ length: size - 1 }, () => 0xff)];
      const live = Uint8Array.from([...read('vp9.webm').subarray(0, sizeAt), ...open, ...rest]);
      const isReadable = (size === 1 || size === 8) && (length === 1 || length === 8);
      await expect(check(live), `${size} bytes`).resolves.toBe(isReadable ? undefined : 'openSizes');
    }
  });

  it('refuses a file with bytes put into a cluster, which mediabunny reads for ever', async () => {
    const bytes = repeated(read('vp9.webm'), 1500, 29);
    await expect(openVideo(bytes)).rejects.toThrow(MediaError);
    await expect(openVideo(bytes)).rejects.toThrow(
      /is damaged: no (?:part of a Matroska file|block of one of its tracks) begins at byte \d+\.$/,
    );
  });

  it('refuses a block of a track that there is not, whose loss would spoil the pictures after it', async () => {
    const bytes = read('vfr.webm');
    // A simple block, its size in two bytes or one, and the first track.
    const at = bytes.findLastIndex((byte, index) => byte === 0xa3 && bytes[index + 2] === 0x81);
    expect(at).toBeGreaterThan(0);
    bytes[at + 2] = 0x83;
    await expect(check(bytes)).rejects.toThrow(`no block of one of its tracks begins at byte ${at}.`);
  });

  it('leaves a file that ends early to those who count its frames', async () => {
    await expect(check(read('vp9.webm').subarray(0, 1800))).resolves.toBeUndefined();
  });
});
