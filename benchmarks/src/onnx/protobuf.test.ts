import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { MessageWriter } from './protobuf.ts';

describe('MessageWriter', () => {
  it('writes what the format prescribes', () => {
    // The examples of protobuf's own description of its encoding.
    expect([...new MessageWriter().integer(1, 150).finish()]).toEqual([0x08, 0x96, 0x01]);
    expect([...new MessageWriter().bytes(2, 'testing').finish()]).toEqual([0x12, 7, ...Buffer.from('testing')]);
    const inner = new MessageWriter().integer(1, 150);
    expect([...new MessageWriter().bytes(3, inner).finish()]).toEqual([0x1a, 3, 0x08, 0x96, 0x01]);
    expect([...new MessageWriter().float(2, 1).finish()]).toEqual([0x15, 0, 0, 0x80, 0x3f]);
  });

  it('writes any whole number in groups of seven bits', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (value) => {
        const [, ...bytes] = new MessageWriter().integer(1, value).finish();
        const read = bytes.reduceRight((sum, byte) => sum * 128n + BigInt(byte & 127), 0n);
        expect(read).toBe(BigInt(value));
        expect(bytes.findIndex((byte) => byte < 128)).toBe(bytes.length - 1);
      }),
    );
  });
});
