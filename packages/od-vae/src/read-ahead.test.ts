import { describe, expect, it } from 'vitest';

import { readAhead } from './read-ahead.ts';

/** Counts what is taken from it and whether it was ended. */
function counted(count: number, failAt = Infinity) {
  const state = { taken: 0, ended: false };
  async function* items() {
    try {
      for (let index = 0; index < count; index++) {
        if (index === failAt) throw new Error(`item ${index} is bad`);
        state.taken += 1;
        yield index;
      }
    } finally {
      state.ended = true;
    }
  }
  return { state, items: items() };
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 5));

describe('readAhead', () => {
  it.each([0, 1, 3, 20])('gives all items in their order, %i ahead', async (ahead) => {
    const found: number[] = [];
    for await (const item of readAhead(counted(9).items, ahead)) found.push(item);
    expect(found).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('reads while its consumer is busy, but not further than asked', async () => {
    const { state, items } = counted(100);
    const stream = readAhead(items, 3);
    await settled();
    expect(state.taken).toBe(0);
    await stream.next();
    await settled();
    expect(state.taken).toBe(4);
    await stream.next();
    await settled();
    expect(state.taken).toBe(5);
    await stream.return();
    expect(state.ended).toBe(true);
  });

  it('throws an error in its place, after the items before it', async () => {
    const { state, items } = counted(9, 2);
    const stream = readAhead(items, 5);
    expect((await stream.next()).value).toBe(0);
    await settled();
    expect((await stream.next()).value).toBe(1);
    await expect(stream.next()).rejects.toThrow('item 2 is bad');
    expect(state.ended).toBe(true);
  });
});
