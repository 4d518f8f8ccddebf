import { ConfigError } from '@od-vae/core';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { temporalTiles } from './temporal-tiles.ts';
import { type Window, type WindowOptions, windows } from './windows.ts';

const count = (length: number) => Array.from({ length }, (_, index) => index);

async function collect<Item>(items: Iterable<Item>, options: WindowOptions<Item>): Promise<Window<Item>[]> {
  const result: Window<Item>[] = [];
  for await (const window of windows(items, options)) result.push(window);
  return result;
}

describe('windows', () => {
  it('cuts a stream as temporalTiles cuts a clip of known length', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 6 }),
        fc.constantFrom(1, 4),
        async (frames, groups, leastNew) => {
          const size = leastNew * groups + 1;
          const cut = await collect(count(frames), { size, leastNew });
          const expected = temporalTiles(frames, size, leastNew);
          expect(cut.map(({ items }) => items)).toEqual(
            expected.map(({ begin, end }) => count(frames).slice(begin, end)),
          );
          expect(cut.map(({ index }) => index)).toEqual(count(expected.length));
          expect(cut.map(({ isLast }) => isLast)).toEqual(expected.map((_, index) => index === expected.length - 1));
        },
      ),
    );
  });

  it('gives nothing for an empty stream, and joins windows without overlap', async () => {
    expect(await collect([], { size: 3 })).toEqual([]);
    expect((await collect(count(5), { size: 2, overlap: 0 })).map(({ items }) => items)).toEqual([[0, 1], [2, 3], [4]]);
  });

  it('reads no further ahead than it must', async () => {
    let read = 0;
    function* endless() {
      for (;;) yield (read += 1);
    }
    const stream = windows(endless(), { size: 9, leastNew: 4 });
    await stream.next();
    expect(read).toBe(13);
    await stream.next();
    expect(read).toBe(21);
    await stream.return();
  });

  it('releases each item once: when it is not needed any more, and all of them when the stream ends early', async () => {
    const released: number[] = [];
    const options = { size: 5, leastNew: 4, release: (item: number) => released.push(item) };
    const stream = windows(count(20), options);
    await stream.next();
    expect(released).toEqual([]);
    await stream.next();
    expect(released).toEqual([0, 1, 2, 3]);
    await stream.return();
    expect(released).toEqual(count(13));
    released.length = 0;
    await collect(count(12), options);
    expect(released.toSorted((a, b) => a - b)).toEqual(count(12));
  });

  it('closes its source when it is ended early', async () => {
    let closed = false;
    async function* source() {
      try {
        for (;;) yield 0;
      } finally {
        closed = true;
      }
    }
    for await (const window of windows(source(), { size: 3 })) {
      if (window.index === 1) break;
    }
    expect(closed).toBe(true);
  });

  it('refuses sizes that leave no room for new items', async () => {
    await expect(collect([1], { size: 1 })).rejects.toThrow(ConfigError);
    await expect(collect([1], { size: 4, leastNew: 4 })).rejects.toThrow(
      'windows: a window of 4 items has no room for 1 shared and at least 4 new ones.',
    );
    await expect(collect([1], { size: 2.5 })).rejects.toThrow(/but they are 2.5, 1 and 1/);
  });
});
