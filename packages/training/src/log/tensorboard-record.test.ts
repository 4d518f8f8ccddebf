import { inflateSync } from 'node:zlib';

import { describe, expect, it } from 'vitest';

import { crc32c } from './crc32c.ts';
import { encodePng } from './encode-png.ts';
import { eventRecord, versionRecord } from './tensorboard-record.ts';

describe('crc32c', () => {
  it('is the published checksum', () => {
    expect(crc32c(new TextEncoder().encode('123456789'))).toBe(0xe3069283);
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
  });
});

/** What lies between a record's length and its checksum. */
function payload(record: Uint8Array): Uint8Array {
  const view = new DataView(record.buffer, record.byteOffset, record.byteLength);
  const length = Number(view.getBigUint64(0, true));
  expect(record.length).toBe(8 + 4 + length + 4);
  const unmasked = (masked: number) => {
    const rotated = (masked - 0xa282ead8) >>> 0;
    return ((rotated >>> 17) | (rotated << 15)) >>> 0;
  };
  const data = record.subarray(12, 12 + length);
  expect(unmasked(view.getUint32(8, true))).toBe(crc32c(record.subarray(0, 8)));
  expect(unmasked(view.getUint32(12 + length, true))).toBe(crc32c(data));
  return data;
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

describe('versionRecord', () => {
  it('says which format follows', () => {
    const data = payload(versionRecord(1.5));
    expect(hex(data)).toBe(`09000000000000f83f1a0d${hex(new TextEncoder().encode('brain.Event:2'))}`);
  });
});

describe('eventRecord', () => {
  it('holds time, step and scalars as tensorflow.Event does', () => {
    // Event { wall_time: 2, step: 300, summary { value { tag: "a", simple_value: 0.5 } } }, as protoc encodes it.
    const data = payload(eventRecord({ time: 2, step: 300, scalars: { a: 0.5 } }));
    expect(hex(data)).toBe('09000000000000004010ac022a0a0a080a0161150000003f');
  });

  it('holds pictures with their size', () => {
    const png = Uint8Array.of(1, 2, 3);
    const data = payload(eventRecord({ time: 0, step: 1, images: { i: { width: 5, height: 4, png } } }));
    expect(hex(data)).toContain('0a0169220b0804100518032203010203');
  });
});

describe('encodePng', () => {
  it('keeps every byte of the picture', () => {
    const rgb = Uint8Array.from({ length: 2 * 3 * 3 }, (_, index) => 10 * index);
    const png = Buffer.from(encodePng(2, 3, rgb));
    expect(hex(png.subarray(0, 8))).toBe('89504e470d0a1a0a');
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([2, 3]);
    const begin = png.indexOf('IDAT') + 4;
    const rows = inflateSync(png.subarray(begin, begin + png.readUInt32BE(begin - 8)));
    expect([...rows]).toEqual([0, ...rgb.subarray(0, 6), 0, ...rgb.subarray(6, 12), 0, ...rgb.subarray(12)]);
    // The checksum of an empty IEND chunk is known everywhere.
    expect(hex(png.subarray(-8))).toBe('49454e44ae426082');
  });

  it('refuses another number of bytes', () => {
    expect(() => encodePng(2, 2, new Uint8Array(3))).toThrow('encodePng: 2x2 px need 12 bytes, got 3.');
  });
});
