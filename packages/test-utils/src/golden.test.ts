import { describe, expect, it } from 'vitest';

import { goldenInput, goldenNoise, goldenWeight, parseGolden } from './golden.ts';

describe('goldenNoise', () => {
  it('is the published generator, bit for bit', () => {
    const seed = [...new TextEncoder().encode('a')].reduce(
      (hash, byte) => Number((BigInt(hash ^ byte) * 0x01000193n) & 0xffffffffn),
      0x811c9dc5,
    );
    const expected = [1n, 2n, 3n].map((i) => {
      const mask = 0xffffffffn;
      let z = (BigInt(seed >>> 0) + i * 0x9e3779b9n) & mask;
      z ^= z >> 16n;
      z = (z * 0x85ebca6bn) & mask;
      z ^= z >> 13n;
      z = (z * 0xc2b2ae35n) & mask;
      z ^= z >> 16n;
      return (2 * Number(z)) / 2 ** 32 - 1;
    });
    expect([...goldenNoise('a', 3)]).toEqual(expected);
  });
});

describe('goldenWeight', () => {
  it('scales a kernel by its fan-in and leaves an input alone', () => {
    const [weight] = goldenWeight('k', [1, 3]);
    const [input] = goldenInput('k', [1]);
    expect(weight).toBeCloseTo(input! * 1, 6);
  });

  it.each([
    ['x.mix_factor', 2, 0.5],
    ['x.weight', 1, 0.1],
    ['x.bias', 0, 0.1],
    ['x.running_var', 1, 0.5],
  ])('centres %s on %f', (key, centre, spread) => {
    const values = goldenWeight(key, [1000]);
    expect(Math.min(...values)).toBeGreaterThanOrEqual(centre - spread - 1e-6);
    expect(Math.max(...values)).toBeLessThanOrEqual(centre + spread);
    expect(values.reduce((sum, value) => sum + value, 0) / 1000).toBeCloseTo(centre, 1);
  });
});

describe('parseGolden', () => {
  it('gives arrays and metadata, also of bytes that begin inside a buffer', () => {
    const header = '{"__metadata__":{"basis":"7"},"a":{"dtype":"F32","shape":[1,2],"data_offsets":[4,12]}}';
    const bytes = new Uint8Array(3 + 8 + header.length + 12).subarray(3);
    new DataView(bytes.buffer, 3).setBigUint64(0, BigInt(header.length), true);
    bytes.set(new TextEncoder().encode(header), 8);
    bytes.set(new Uint8Array(Float32Array.of(1, 2, 3).buffer), 8 + header.length);
    const { tensors, metadata } = parseGolden(bytes);
    expect(metadata).toEqual({ basis: '7' });
    expect(tensors.get('a')).toEqual({ shape: [1, 2], data: Float32Array.of(2, 3) });
  });
});
