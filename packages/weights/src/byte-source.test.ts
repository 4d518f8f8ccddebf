import { describe, expect, it } from 'vitest';

import { blobSource, readPieces } from './byte-source.ts';

const bytes = Uint8Array.from({ length: 100 }, (_, index) => index);

describe('readPieces', () => {
  it.each([1, 7, 33, 50, 100])('puts a range together from pieces of %i bytes', async (pieceBytes) => {
    const asked: number[] = [];
    const read = async (begin: number, end: number): Promise<Uint8Array> => {
      asked.push(end - begin);
      return bytes.subarray(begin, end);
    };
    expect(await readPieces(3, 97, read, pieceBytes)).toEqual(bytes.subarray(3, 97));
    expect(Math.max(...asked)).toBeLessThanOrEqual(pieceBytes);
    expect(asked.reduce((sum, length) => sum + length)).toBe(94);
  });

  it('reads nothing for an empty range', async () => {
    const read = async (): Promise<Uint8Array> => {
      throw new Error('read');
    };
    expect(await readPieces(5, 5, read)).toHaveLength(0);
  });
});

describe('blobSource', () => {
  it('reads ranges of a file and takes its name', async () => {
    const source = blobSource(new File([bytes], 'a.bin'));
    expect(source.label).toBe('a.bin');
    expect(source.size).toBe(100);
    expect(await source.read(10, 20)).toEqual(bytes.subarray(10, 20));
  });

  it('refuses a range beyond the end', async () => {
    await expect(blobSource(new Blob([bytes])).read(90, 101)).rejects.toThrow(
      'the blob has 100 bytes, but bytes 90 to 101 are needed; it may be cut short.',
    );
  });
});
