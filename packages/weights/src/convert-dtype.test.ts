import { CheckpointError } from '@od-vae/core/base';
import { describe, expect, it } from 'vitest';

import { convertDType, float32FromBytes } from './convert-dtype.ts';
import type { DType } from './dtype.ts';

function bytesOf(array: ArrayBufferView): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

describe('float32FromBytes', () => {
  it.each<[DType, ArrayBufferView, number[]]>([
    ['BOOL', Uint8Array.of(0, 1, 2), [0, 1, 1]],
    ['U8', Uint8Array.of(0, 255), [0, 255]],
    ['I8', Int8Array.of(-128, 127), [-128, 127]],
    ['I16', Int16Array.of(-32768, 5), [-32768, 5]],
    ['U16', Uint16Array.of(65535), [65535]],
    ['I32', Int32Array.of(-(2 ** 31)), [-(2 ** 31)]],
    ['U32', Uint32Array.of(2 ** 32 - 256), [2 ** 32 - 256]],
    ['I64', BigInt64Array.of(-3n, 2n ** 40n), [-3, 2 ** 40]],
    ['U64', BigUint64Array.of(2n ** 63n), [2 ** 63]],
    ['F16', Uint16Array.of(0x3c00, 0xc000, 0x0001), [1, -2, 2 ** -24]],
    ['BF16', Uint16Array.of(0x3f80, 0xc000), [1, -2]],
    ['F32', Float32Array.of(1.5, -0), [1.5, -0]],
    ['F64', Float64Array.of(0.1), [Math.fround(0.1)]],
  ])('reads %s', (dtype, array, expected) => {
    expect([...float32FromBytes(bytesOf(array), dtype)]).toEqual(expected);
  });

  it('reads bytes that start at an odd address', () => {
    const shifted = new Uint8Array(9);
    shifted.set(bytesOf(Float32Array.of(1.25, -7)), 1);
    expect([...float32FromBytes(shifted.subarray(1), 'F32')]).toEqual([1.25, -7]);
  });

  it('refuses a part of a value', () => {
    expect(() => float32FromBytes(new Uint8Array(6), 'F32')).toThrow(CheckpointError);
    expect(() => float32FromBytes(new Uint8Array(6), 'F32')).toThrow(
      'F32 values need a multiple of 4 bytes, but there are 6.',
    );
  });
});

describe('convertDType', () => {
  it('gives the same bytes for the same type', () => {
    const bytes = bytesOf(Float32Array.of(Number.NaN));
    expect(convertDType(bytes, 'F32', 'F32')).toBe(bytes);
  });

  it.each(['F16', 'BF16'] as const)('loses nothing from %s to wider floats and back', (dtype) => {
    const words = Uint16Array.from({ length: 0x7b00 }, (_, index) => index);
    for (const wide of ['F32', 'F64'] as const) {
      const back = convertDType(convertDType(bytesOf(words), dtype, wide), wide, dtype);
      expect(Buffer.compare(back, bytesOf(words))).toBe(0);
    }
  });

  it('rounds float64 to float16 once, not by way of float32', () => {
    const value = 1 + 2 ** -11 + 2 ** -40;
    const direct = convertDType(bytesOf(Float64Array.of(value)), 'F64', 'F16');
    const stepwise = convertDType(bytesOf(Float32Array.of(value)), 'F32', 'F16');
    expect(new Uint16Array(direct.slice().buffer)[0]).toBe(0x3c01);
    expect(new Uint16Array(stepwise.slice().buffer)[0]).toBe(0x3c00);
  });

  it('makes floats of integers', () => {
    expect(float32FromBytes(convertDType(bytesOf(BigInt64Array.of(7n)), 'I64', 'BF16'), 'BF16')[0]).toBe(7);
  });
});
