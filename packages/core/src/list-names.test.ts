import { describe, expect, it } from 'vitest';

import { listNames, listPrefixes } from './list-names.ts';

describe('listNames', () => {
  it.each([
    [['a'], '"a"'],
    [['a', 'b', 'c'], '"a", "b", "c"'],
    [['a', 'b', 'c', 'd', 'e'], '"a", "b", "c" and 2 more'],
  ])('writes %j as %s', (names, sentence) => {
    expect(listNames(names)).toBe(sentence);
  });
});

describe('listPrefixes', () => {
  it.each([
    [['a.x', 'b.x', 'b.y'], '"b" (2), "a" (1)'],
    [['net.vae.encoder.x', 'net.vae.encoder.y', 'net.vae.decoder.x'], '"net.vae.encoder" (2), "net.vae.decoder" (1)'],
    [['a.b.c'], '"a.b" (1)'],
    [['plain'], '"plain" (1)'],
    [['a', 'b', 'c', 'd', 'e', 'f'], '"a" (1), "b" (1), "c" (1), "d" (1) and 2 more'],
    [[], ''],
  ])('describes %j as %s', (names, sentence) => {
    expect(listPrefixes(names)).toBe(sentence);
  });
});
