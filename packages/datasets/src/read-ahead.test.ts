import { describe, expect, it } from 'vitest';

import { readAhead } from './read-ahead.ts';

describe('readAhead', () => {
  it('begins the next items once one is there, and loads each once', async () => {
    const begun: number[] = [];
    const load = readAhead(async (index) => {
      begun.push(index);
      return index * 10;
    }, 2);
    expect(await load(5)).toBe(50);
    expect(begun).toEqual([5, 6, 7]);
    expect([await load(6), await load(7)]).toEqual([60, 70]);
    expect(begun).toEqual([5, 6, 7, 8, 9]);
    expect(await load(2)).toBe(20);
    expect(begun.slice(5)).toEqual([2, 3, 4]);
  });

  it('fails for the item that failed, when it is asked for', async () => {
    const load = readAhead(async (index) => {
      if (index === 2) throw new Error('item 2');
      return index;
    }, 3);
    expect(await load(1)).toBe(1);
    await expect(load(2)).rejects.toThrow('item 2');
    expect(await load(3)).toBe(3);
  });
});
