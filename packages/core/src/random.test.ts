import { describe, expect, it } from 'vitest';

import { mixSeeds, normalSource, randomSeed, uniformSource } from './random.ts';

describe('uniformSource', () => {
  it('is mulberry32, so that a seed means the same everywhere', () => {
    const random = uniformSource(1);
    const first = [random(), random(), random()];
    expect(first).toEqual([0.6270739405881613, 0.002735721180215478, 0.5274470399599522]);
  });

  it('fills [0, 1) evenly', () => {
    const random = uniformSource(123);
    const tenths = Array.from({ length: 10 }, () => 0);
    for (let i = 0; i < 20_000; i++) tenths[Math.floor(random() * 10)]! += 1;
    expect(tenths.reduce((sum, count) => sum + count)).toBe(20_000);
    for (const count of tenths) expect(Math.abs(count - 2000)).toBeLessThan(200);
  });
});

describe('normalSource', () => {
  it('has the moments of a standard normal', () => {
    const normal = normalSource(5);
    const values = Array.from({ length: 40_000 }, normal);
    const moment = (power: number) => values.reduce((sum, value) => sum + value ** power, 0) / values.length;
    expect(Math.abs(moment(1))).toBeLessThan(0.02);
    expect(Math.abs(moment(2) - 1)).toBeLessThan(0.03);
    expect(Math.abs(moment(3))).toBeLessThan(0.06);
    expect(Math.abs(moment(4) - 3)).toBeLessThan(0.15);
  });

  it('gives neighbours that do not depend on each other', () => {
    const normal = normalSource(9);
    const values = Array.from({ length: 20_000 }, normal);
    const product = values.slice(1).reduce((sum, value, index) => sum + value * values[index]!, 0) / values.length;
    expect(Math.abs(product)).toBeLessThan(0.03);
  });

  it('repeats itself for a seed and differs for another', () => {
    const draw = (seed: number) => Array.from({ length: 5 }, normalSource(seed));
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
  });

  it('never gives a number that is not finite', () => {
    const normal = normalSource(0);
    for (let i = 0; i < 10_000; i++) expect(Number.isFinite(normal())).toBe(true);
  });
});

describe('mixSeeds', () => {
  it('gives every pair of small numbers a seed of its own, in their order', () => {
    const seeds = new Set<number>();
    for (let a = 0; a < 100; a++) for (let b = 0; b < 100; b++) seeds.add(mixSeeds(a, b));
    expect(seeds.size).toBe(10_000);
    expect(mixSeeds(1, 2)).toBe(mixSeeds(1, 2));
    expect(mixSeeds(1, 2)).not.toBe(mixSeeds(2, 1));
    expect(mixSeeds(2 ** 32)).not.toBe(mixSeeds(0));
  });
});

describe('randomSeed', () => {
  it('gives 32-bit integers that hardly ever repeat', () => {
    const seeds = Array.from({ length: 100 }, randomSeed);
    expect(new Set(seeds).size).toBeGreaterThan(98);
    for (const seed of seeds) {
      expect(Number.isInteger(seed)).toBe(true);
      expect(seed >>> 0).toBe(seed);
    }
  });
});
