import { describe, expect, it } from 'vitest';
import { openBytes } from './byte-source.ts';
import type { Pixels } from './picture.ts';
import { openY4m } from './y4m-reader.ts';

const encode = (text: string) => new TextEncoder().encode(text);

function join(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

async function readAll(file: Uint8Array): Promise<Pixels[]> {
  const source = await openY4m(await openBytes(file));
  const pictures: Pixels[] = [];
  for await (const picture of source.pictures()) {
    pictures.push(await picture.pixels());
  }
  return pictures;
}

describe('openY4m', () => {
  it.each([
    ['420jpeg', 6 + 2 + 2],
    ['420mpeg2', 6 + 2 + 2],
    ['422', 6 + 4 + 4],
    ['444', 18],
    ['411', 6 + 2 + 2],
    ['440', 6 + 3 + 3],
    ['mono', 6],
    ['444alpha', 24],
  ])('reads two white frames of chroma %s', async (tag, bytes) => {
    const chromaStart = 6;
    const samples = new Uint8Array(bytes).fill(128).fill(235, 0, chromaStart);
    if (tag === '444alpha') {
      samples.fill(255, 18);
    }
    const frame = join(encode('FRAME\n'), samples);
    const file = join(encode(`YUV4MPEG2 W3 H2 F30000:1001 Ip A1:1 C${tag}\n`), frame, frame);
    const source = await openY4m(await openBytes(file));
    expect(source.info).toMatchObject({ width: 3, height: 2, frameCount: 2, fps: 30_000 / 1001, container: 'y4m' });
    const pictures = await readAll(file);
    expect(pictures).toHaveLength(2);
    // Gray is full range, as in FFmpeg.
    expect(new Set(pictures[1]!.data)).toEqual(new Set([tag === 'mono' ? 235 : 255]));
  });

  it('reads 10 bits, frame parameters and full range', async () => {
    const words = new Uint16Array(3 * 4).fill(512).fill(1023, 0, 4);
    const file = join(
      encode('YUV4MPEG2 W2 H2 F25:1 C444p10 XCOLORRANGE=FULL\n'),
      encode('FRAME Ip\n'),
      new Uint8Array(words.buffer),
    );
    const [picture] = await readAll(file);
    expect(new Set(picture!.data)).toEqual(new Set([255]));
  });

  it.each(['mono10', '444p10'])('refuses a sample of %s that has more bits', async (chroma) => {
    const samples = new Uint16Array(chroma === 'mono10' ? 4 : 12).fill(64);
    samples[3] = 1024;
    const file = join(encode(`YUV4MPEG2 W2 H2 C${chroma}\nFRAME\n`), new Uint8Array(samples.buffer));
    await expect(readAll(file)).rejects.toThrow('has samples of 10 bits, at most 1023, but one is 1024.');
  });

  it('counts frames whose lines carry tags, and refuses lines of several lengths', async () => {
    const header = encode('YUV4MPEG2 W1 H1 Cmono\n');
    const file = join(header, encode('FRAME Ip\n0FRAME Ip\n1'));
    expect((await openY4m(await openBytes(file))).info.frameCount).toBe(2);
    expect(await readAll(file)).toHaveLength(2);
    await expect(readAll(join(header, encode('FRAME\n0FRAME Ip It Xx\n1')))).rejects.toThrow('but 2 came.');
  });

  it('shows pixels that are not square in square ones', async () => {
    const source = await openY4m(await openBytes(encode('YUV4MPEG2 W4 H2 F25:1 A2:1 Cmono\n')));
    expect(source.info).toMatchObject({ width: 8, height: 2 });
  });

  it('says how many frames were readable when the file ends early', async () => {
    const frame = join(encode('FRAME\n'), new Uint8Array(6));
    const file = join(encode('YUV4MPEG2 W3 H2 F25:1 Cmono\n'), frame, frame.subarray(0, 10));
    await expect(readAll(file)).rejects.toThrow('ends early: 1 frames were readable, the next has 4 of 6 bytes');
  });

  it.each([
    ['YUV4MPEG2 W99999 H2 F25:1\n', 'the size is 99999x2'],
    ['YUV4MPEG2 H2 F25:1\n', 'must give "W" as a whole number, but has none'],
    ['YUV4MPEG2 W4 H2 C410\n', 'has chroma "410"'],
    [`YUV4MPEG2 W4 H2 ${'X'.repeat(2000)}\n`, 'more than 1024 bytes'],
    ['YUV4MPEG2 W4 H2', 'ends early'],
    ['YUV4MPEG2 W0x4 H2\n', 'must give "W" as a whole number, but has "0x4"'],
    ['YUV4MPEG2 W4 H2 Ffast\n', 'must give "F" as two numbers such as 30:1, but has "fast"'],
    ['YUV4MPEG2 W4 H2 A1\n', 'must give "A" as two numbers such as 30:1, but has "1"'],
    ['YUV4MPEG2 W4 H2 C4208\n', 'has chroma "4208"'],
    ['YUV4MPEG2 W4 H2 XCOLORRANGE=FULLER\n', 'must have the range FULL or LIMITED, but has "FULLER"'],
  ])('refuses %j', async (header, message) => {
    await expect(openY4m(await openBytes(encode(header)))).rejects.toThrow(message);
  });

  it.each(['FRAMX', 'FRAMES'])('refuses a frame that starts with %s', async (line) => {
    await expect(readAll(join(encode('YUV4MPEG2 W1 H1 Cmono\n'), encode(`${line}\n\n`)))).rejects.toThrow(
      'no FRAME line at byte 22, after 0 frames',
    );
  });
});
