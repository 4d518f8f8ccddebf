import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { signed, unsigned } from './bytes.ts';

/** Reads LEB128 as the specification defines it. */
function read(bytes: readonly number[], isSigned: boolean): number {
  let value = 0n;
  bytes.forEach((byte, index) => {
    value |= BigInt(byte & 0x7f) << BigInt(7 * index);
    expect(byte >= 0x80).toBe(index < bytes.length - 1);
  });
  const bits = 7 * bytes.length;
  return Number(isSigned ? BigInt.asIntN(bits, value) : value);
}

describe('unsigned', () => {
  it('writes what the specification reads', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 32 - 1), (value) => {
        expect(read(unsigned(value), false)).toBe(value);
      }),
    );
  });
});

describe('signed', () => {
  it('writes what the specification reads', () => {
    fc.assert(
      fc.property(fc.integer(), (value) => {
        expect(read(signed(value), true)).toBe(value);
      }),
    );
    for (const edge of [0, -1, 63, 64, -64, -65]) expect(read(signed(edge), true)).toBe(edge);
  });
});
