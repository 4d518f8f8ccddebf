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

  it('refuses a GIF whose frames are cut off or missing', async () => {
    await expect(readAll(file.subarray(0, 30))).rejects.toThrow(/GIF/);
    await expect(readAll(file.subarray(0, 20))).rejects.toThrow(/GIF/);
  });
});
