import { describe, expect, it } from 'vitest';

import { listNames } from './list-names.ts';

describe('listNames', () => {
  it.each([
    [['a'], '"a"'],
    [['a', 'b', 'c'], '"a", "b", "c"'],
    [['a', 'b', 'c', 'd', 'e'], '"a", "b", "c" and 2 more'],
  ])('writes %j as %s', (names, sentence) => {
    expect(listNames(names)).toBe(sentence);
  });
});
