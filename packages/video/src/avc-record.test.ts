import { describe, expect, it } from 'vitest';

import { mendAvcRecord } from './avc-record.ts';

const bytes = (text: string) => Uint8Array.from(text.split(' '), (byte) => Number.parseInt(byte, 16));

/** A record of Firefox 153 on Linux, of frames of 112x64. */
const FIREFOX =
  '01 64 00 0c 03 01 00 17 67 67 64 00 0c ac d9 47 26 84 00 00 03 00 04 00 7a 12 00 3c 50 a6 58 01 00 07 68 68 eb e3 cb 22 c0';

const PLAIN =
  '01 64 00 0c ff e1 00 16 67 64 00 0c ac d9 47 26 84 00 00 03 00 04 00 7a 12 00 3c 50 a6 58 01 00 06 68 eb e3 cb 22 c0';

describe('mendAvcRecord', () => {
  it('takes away the second of two first bytes of every parameter set', () => {
    expect(mendAvcRecord(bytes(FIREFOX))).toEqual(bytes(PLAIN));
  });

  it('leaves a sound record, and what follows its sets, as it is', () => {
    const extended = bytes(`${PLAIN} fd f8 f8 00`);
    expect(mendAvcRecord(extended)).toEqual(extended);
    expect(mendAvcRecord(bytes(`${FIREFOX} fd f8 f8 00`))).toEqual(extended);
  });

  it('says level 1.1 for 1b', () => {
    const record = bytes(PLAIN.replace('01 64 00 0c', '01 42 00 09'));
    expect(mendAvcRecord(record)[3]).toBe(11);
    expect(record[3]).toBe(9);
  });

  it('bears a record that ends early', () => {
    expect(mendAvcRecord(bytes('01 64 00'))).toEqual(bytes('01 64 00'));
  });
});
