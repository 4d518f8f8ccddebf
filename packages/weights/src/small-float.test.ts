import { describe, expect, it } from 'vitest';

import { decodeBfloat16, decodeFloat16, encodeBfloat16, encodeFloat16 } from './small-float.ts';

const formats = [
  { name: 'encodeFloat16', encode: encodeFloat16, decode: decodeFloat16, infinity: 0x7c00 },
  { name: 'encodeBfloat16', encode: encodeBfloat16, decode: decodeBfloat16, infinity: 0x7f80 },
];

describe.each(formats)('$name', ({ encode, decode, infinity }) => {
  it('gives every value of the format its own bits back', () => {
    const all = Array.from({ length: infinity }, (_, bits) => bits);
    const positive = all.filter((bits) => encode(decode(bits)) !== bits);
    const negative = all.filter((bits) => encode(decode(bits | 0x8000)) !== (bits | 0x8000));
    expect([...positive, ...negative]).toEqual([]);
  });

  it('rounds the middle of two neighbours to the even one, and all else to the nearer one', () => {
    for (let bits = 0; bits < infinity - 1; bits += 29) {
      const low = decode(bits);
      const high = decode(bits + 1);
      const middle = (low + high) / 2;
      const step = (high - low) * 2 ** -20;
      expect(encode(middle)).toBe(bits % 2 === 0 ? bits : bits + 1);
      expect(encode(middle - step)).toBe(bits);
      expect(encode(middle + step)).toBe(bits + 1);
      expect(encode(-middle - step)).toBe((bits + 1) | 0x8000);
    }
  });

  it('makes infinity of what lies beyond the largest value, and keeps NaN', () => {
    const largest = decode(infinity - 1);
    const half = (largest - decode(infinity - 2)) / 2;
    expect(encode(largest + half * 0.999)).toBe(infinity - 1);
    expect(encode(largest + half)).toBe(infinity);
    expect(encode(-1e300)).toBe(infinity | 0x8000);
    expect(encode(Number.POSITIVE_INFINITY)).toBe(infinity);
    expect(decode(encode(Number.NaN))).toBeNaN();
  });

  it('keeps the sign of zero', () => {
    expect(encode(-0)).toBe(0x8000);
    expect(Object.is(decode(0x8000), -0)).toBe(true);
  });
});
