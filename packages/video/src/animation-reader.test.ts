import { readFileSync } from 'node:fs';
import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { machineEngines } from './media-engines.ts';
import { openSource } from './open-source.ts';
import { openVideo } from './open-video.ts';
import type { ReadOptions } from './types.ts';

const hasFfmpeg = (await machineEngines.findFfmpeg()) !== undefined;
const SIDE = 8;

async function read(data: Uint8Array, options?: ReadOptions) {
  await using reader = await openVideo(data, options);
  const frames: { level: number; time: number }[] = [];
  for await (const { data: pixels, timestamp } of reader.frames()) {
    frames.push({ level: pixels[0]!, time: Number(timestamp.toFixed(3)) });
  }
  return { frames, info: reader.info, frameCount: reader.frameCount };
}

const webp = (levels: readonly number[], delay: number[]): Promise<Uint8Array> =>
  sharp(Buffer.concat(levels.map((level) => Buffer.alloc(3 * SIDE * SIDE, level))), {
    raw: { width: SIDE, height: SIDE * levels.length, channels: 3, pageHeight: SIDE },
  })
    .webp({ lossless: true, delay })
    .toBuffer();

/** An animated PNG; its first image is shown by programs that do not animate, and is a frame unless `hidden`. */
function png(levels: readonly number[], { hidden = false, hundredths = 10 } = {}): Uint8Array {
  const chunk = (type: string, data: Uint8Array) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const end = Buffer.alloc(4);
    end.writeUInt32BE(crc32(body));
    const length = Buffer.alloc(4);
    length.writeUInt32BE(data.length);
    return Buffer.concat([length, body, end]);
  };
  const words = (...values: readonly number[]) => Buffer.from(Uint32Array.from(values).buffer).swap32();
  const image = (level: number) =>
    deflateSync(
      Buffer.concat(Array.from({ length: SIDE }, () => Buffer.from([0, ...Array.from({ length: SIDE }, () => level)]))),
    );
  let sequence = 0;
  const control = () =>
    chunk('fcTL', Buffer.concat([words(sequence++, SIDE, SIDE, 0, 0), Buffer.from([0, hundredths, 0, 100, 0, 0])]));
  const parts = [
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', Buffer.concat([words(SIDE, SIDE), Buffer.from([8, 0, 0, 0, 0])])),
    chunk('acTL', words(levels.length - (hidden ? 1 : 0), 0)),
  ];
  for (const [index, level] of levels.entries()) {
    if (index > 0 || !hidden) parts.push(control());
    parts.push(
      index === 0 ? chunk('IDAT', image(level)) : chunk('fdAT', Buffer.concat([words(sequence++), image(level)])),
    );
  }
  return new Uint8Array(Buffer.concat([...parts, chunk('IEND', Buffer.alloc(0))]));
}

function crc32(bytes: Uint8Array): number {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xed_b8_83_20 : 0);
  }
  return ~crc >>> 0;
}

/** A TIFF file of gray pages, uncompressed; `types` are the `NewSubfileType` of each, `side` its size. */
function tiff(pages: readonly { level: number; type?: number; side?: number }[]): Uint8Array {
  const parts: Buffer[] = [Buffer.from([0x49, 0x49, 0x2a, 0, 8, 0, 0, 0])];
  let at = 8;
  for (const [index, { level, type = 0, side = SIDE }] of pages.entries()) {
    const entries = [
      [254, 4, type],
      [256, 4, side],
      [257, 4, side],
      [258, 3, 8],
      [259, 3, 1],
      [262, 3, 1],
      [273, 4, at + 2 + 12 * 10 + 4],
      [277, 3, 1],
      [278, 4, side],
      [279, 4, side * side],
    ] as const;
    const directory = Buffer.alloc(2 + 12 * entries.length + 4);
    directory.writeUInt16LE(entries.length);
    for (const [entry, [tag, kind, value]] of entries.entries()) {
      directory.writeUInt16LE(tag, 2 + 12 * entry);
      directory.writeUInt16LE(kind, 4 + 12 * entry);
      directory.writeUInt32LE(1, 6 + 12 * entry);
      directory.writeUInt32LE(value, 10 + 12 * entry);
    }
    at += directory.length + side * side;
    directory.writeUInt32LE(index === pages.length - 1 ? 0 : at, directory.length - 4);
    parts.push(directory, Buffer.alloc(side * side, level));
  }
  return new Uint8Array(Buffer.concat(parts));
}

describe('openVideo of an animated WebP', () => {
  it('gives every frame at its time; delays up to 10 ms count as 100 ms', async () => {
    const { frames, info } = await read(await webp([10, 20, 30], [50, 0, 200]));
    expect(frames).toEqual([
      { level: 10, time: 0 },
      { level: 20, time: 0.05 },
      { level: 30, time: 0.15 },
    ]);
    expect(info).toMatchObject({ frameCount: 3, codec: 'webp', width: SIDE, height: SIDE });
    expect(info.duration).toBeCloseTo(0.35);
  });

  it('reads a range, and can be read twice', async () => {
    const data = await webp([10, 20, 30, 40], [100, 100, 100, 100]);
    expect((await read(data, { start: 1, frames: 2 })).frames.map(({ level }) => level)).toEqual([20, 30]);
  });
});

describe('openVideo of an animated PNG', () => {
  it.skipIf(!hasFfmpeg)('gives every frame at its time', async () => {
    const { frames, frameCount } = await read(png([10, 20, 30], { hundredths: 25 }));
    expect(frameCount).toBe(3);
    expect(frames).toEqual([
      { level: 10, time: 0 },
      { level: 20, time: 0.25 },
      { level: 30, time: 0.5 },
    ]);
  });

  it.skipIf(!hasFfmpeg)('leaves out an image that is not part of the animation', async () => {
    expect((await read(png([10, 20, 30], { hidden: true }))).frames.map(({ level }) => level)).toEqual([20, 30]);
  });

  it('names ffmpeg where it is missing', async () => {
    const engines = { ...machineEngines, findFfmpeg: async () => undefined };
    await expect(openSource(png([10, 20, 30]), {}, engines)).rejects.toThrow(
      /is an animated PNG of 3 frames, which needs ffmpeg on PATH: run "apt install ffmpeg/,
    );
  });

  it('is a still image with one frame', async () => {
    expect((await read(png([10]))).info).toMatchObject({ frameCount: 1, codec: 'png' });
  });
});

describe('openVideo of an AVIF sequence', () => {
  const file = new Uint8Array(readFileSync(new URL('fixtures/sequence.avif', import.meta.url)));
  const stillBrand = file.slice();
  stillBrand.set(Buffer.from('avif'), 8);

  it.skipIf(!hasFfmpeg).each([
    ['of sequences', file],
    ['of still images', stillBrand],
  ])('gives every frame of a file with the brand %s', async (_, data) => {
    const { frames } = await read(data);
    expect(frames.map(({ time }) => time)).toEqual([0, 0.1, 0.2, 0.3, 0.4]);
    for (const [index, { level }] of frames.entries()) expect(Math.abs(level - 40 * (index + 1))).toBeLessThan(4);
  });

  it('is refused with transparency, which ffmpeg ignores', async () => {
    const data = file.slice();
    const at = Buffer.from(data).indexOf('vmhd');
    data.set(Buffer.from('auxv'), at);
    await expect(read(data)).rejects.toThrow('is an animated AVIF or HEIF of 5 frames with transparency');
  });

  it('names ffmpeg where it is missing', async () => {
    const engines = { ...machineEngines, findFfmpeg: async () => undefined };
    await expect(openSource(stillBrand, {}, engines)).rejects.toThrow('which needs ffmpeg on PATH');
  });
});

describe('openVideo of a TIFF', () => {
  it('gives every page, at the rate that is asked for', async () => {
    const data = tiff([{ level: 10 }, { level: 20 }, { level: 30 }]);
    expect((await read(data)).frames.map(({ level, time }) => [level, time])).toEqual([
      [10, 0],
      [20, 0.04],
      [30, 0.08],
    ]);
    expect((await read(data, { fps: 10 })).frames.map(({ time }) => time)).toEqual([0, 0.1, 0.2]);
  });

  it('leaves out thumbnails and masks', async () => {
    const small = { level: 99, type: 1, side: 4 };
    expect((await read(tiff([{ level: 10 }, small, { level: 20 }, { level: 0, type: 4 }]))).frames).toHaveLength(2);
    expect((await read(tiff([{ level: 10 }, small]))).info.frameCount).toBe(1);
  });

  it('refuses pages of different sizes', async () => {
    await expect(read(tiff([{ level: 10 }, { level: 20, side: 4 }]))).rejects.toThrow(
      'must all be 8x8, but frame 1 is 4x4',
    );
  });

  it('refuses a directory that leads back to itself', async () => {
    const data = tiff([{ level: 10 }]);
    new DataView(data.buffer).setUint32(8 + 2 + 120, 8, true);
    await expect(read(data)).rejects.toThrow('is not an image that sharp can read');
  });
});
