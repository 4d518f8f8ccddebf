import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openBytes } from './byte-source.ts';
import { openGif } from './gif-reader.ts';

const file = new Uint8Array(readFileSync(new URL('fixtures/disposal.gif', import.meta.url)));

const NAMES = new Map([
  ['255,0,0', 'r'],
  ['0,255,0', 'g'],
  ['0,0,255', 'b'],
  ['255,255,255', 'w'],
]);

async function readAll(data: Uint8Array) {
  const source = await openGif(await openBytes(data));
  const frames: { rows: string[]; timestamp: number }[] = [];
  for await (const picture of source.pictures()) {
    const pixels = await picture.pixels();
    const names = Array.from({ length: 16 }, (_, index) =>
      NAMES.get([...pixels.data.subarray(3 * index, 3 * index + 3)].join()),
    );
    frames.push({
      rows: [0, 4, 8, 12].map((start) => names.slice(start, start + 4).join('')),
      timestamp: picture.timestamp,
    });
  }
  return { info: source.info, frames };
}

describe('openGif', () => {
  it('composes frames with their disposal and transparency, as browsers do', async () => {
    const { frames } = await readAll(file);
    expect(frames.map((frame) => frame.rows)).toEqual([
      ['rrrr', 'rrrr', 'rrrr', 'rrrr'],
      ['rrrr', 'rggr', 'rggr', 'rrrr'],
      ['brrr', 'rwwr', 'rwwr', 'rrrr'],
      ['rrrr', 'rwwr', 'rwwr', 'rrrw'],
    ]);
  });

  it('shows each frame when its delays say, and one without a delay for a tenth of a second', async () => {
    const { info, frames } = await readAll(file);
    expect(frames.map((frame) => frame.timestamp.toFixed(2))).toEqual(['0.00', '0.10', '0.15', '0.35']);
    expect(info.duration).toBeCloseTo(0.45);
    expect(info).toMatchObject({ frameCount: 4, codec: 'gif', width: 4, height: 4 });
  });

  /** A GIF of one frame; two colours, black and white, and codes of 2 bits and more. */
  const sides = (width: number, height: number) => [width & 255, width >> 8, height & 255, height >> 8];
  const COLOURS = [0x80, 0, 0, 0, 0, 0, 255, 255, 255];
  const PLACE = [0x2c, 0, 0, 0, 0];
  const gif = (image: readonly number[], { width = 2, height = 2, end = [0x3b] } = {}) =>
    Uint8Array.from([
      ...Buffer.from('GIF89a'),
      ...sides(width, height),
      ...COLOURS,
      ...PLACE,
      ...sides(width, height),
      ...image,
      ...end,
    ]);
  // Clear (4), then 1, 0, 0, 1, then the end (5), three bits each and four from the fifth code on.
  const DATA = [2, 3, 0x0c, 0x10, 0x05, 0];

  it('reads what is written by hand', async () => {
    const source = await openGif(await openBytes(gif([0, ...DATA])));
    for await (const picture of source.pictures()) {
      const { data } = await picture.pixels();
      expect([...data].filter((_, index) => index % 3 === 0)).toEqual([255, 0, 0, 255]);
    }
  });

  it('puts interlaced rows where they belong', async () => {
    const source = await openGif(await openBytes(gif([0x40, 2, 3, 0x0c, 0x12, 0x05, 0], { width: 1, height: 4 })));
    for await (const picture of source.pictures()) {
      const { data } = await picture.pixels();
      // Stored 1, 0, 1, 1 in the order of rows 0, 2, 1, 3.
      expect([...data].filter((_, index) => index % 3 === 0)).toEqual([255, 255, 0, 255]);
    }
  });

  it.each([
    ['data that ends early', gif([0, 2, 1, 0b00_001_100, 0]), 'frame 0 ends early; 0 frames were readable'],
    ['an end code before the last pixel', gif([0, 2, 2, 0b01_001_100, 0b1, 0]), 'frame 0 ends early'],
    ['a code that nothing defined', gif([0, 2, 2, 0b11_001_100, 0b1, 0]), 'frame 0 has a code that was never defined'],
    [
      'a colour beyond its table',
      gif([0, 2, 2, 0b00_011_100, 0b0, 0]),
      'frame 0 has the colour 3, but its table has 2',
    ],
    ['indices of 9 bits', gif([0, 9, 1, 0, 0]), 'has colour indices of 9 bits, which may have 1 to 8'],
    [
      'a control of five bytes',
      gif([0, ...DATA], { end: [0x21, 0xf9, 5, 0, 0, 0, 0, 0, 0, 0x3b] }),
      '1 frames were readable',
    ],
    [
      'an announced frame that is missing',
      gif([0, ...DATA], { end: [0x21, 0xf9, 4, 0, 0, 0, 0, 0] }),
      'is a GIF that is damaged or ends early at byte',
    ],
    ['a frame without its last block', gif([0, 2, 1, 0x0c], { end: [] }), 'frame 0 ends early'],
    ['something else behind a frame', gif([0, ...DATA], { end: [0x77] }), '1 frames were readable'],
    ['a size that no picture has', gif([0, ...DATA], { width: 65_535, height: 65_535 }), 'the size is 65535x65535'],
  ])('refuses %s', async (_, data, message) => {
    await expect(readAll(data)).rejects.toThrow(message);
  });

  it.each([
    ['the trailer', gif([0, ...DATA], { end: [] })],
    ['the trailer, with zeros in its place', gif([0, ...DATA], { end: [0, 0, 0] })],
    ['the end of the last data', gif([0, ...DATA.slice(0, -1)], { end: [] })],
  ])('reads a file without %s', async (_, data) => {
    const source = await openGif(await openBytes(data));
    expect(source.info.frameCount).toBe(1);
    for await (const picture of source.pictures()) {
      expect([...(await picture.pixels()).data].filter((__, index) => index % 3 === 0)).toEqual([255, 0, 0, 255]);
    }
  });

  it('reads every frame of an animation without its trailer', async () => {
    expect(file.at(-1)).toBe(0x3b);
    expect((await readAll(file.subarray(0, -1))).frames).toEqual((await readAll(file)).frames);
  });

  it('refuses a large picture of few bytes at once', async () => {
    const data = gif([0, 2, 1, 0b00_001_100, 0], { width: 8192, height: 8192 });
    await expect(readAll(data)).rejects.toThrow('frame 0 ends early');
  });

  it('refuses a GIF whose frames are cut off or missing', async () => {
    await expect(readAll(file.subarray(0, 30))).rejects.toThrow(/GIF/);
    await expect(readAll(file.subarray(0, 20))).rejects.toThrow(/GIF/);
  });
});
