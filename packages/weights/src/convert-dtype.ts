import { CheckpointError } from '@od-vae/core/base';

import { bytesPerValue, type DType, type FloatDType } from './dtype.ts';
import { decodeFloat16, encodeBfloat16, encodeFloat16 } from './small-float.ts';

let float16Values: Float32Array | undefined;

/** Every half-precision value by its bits: a look-up is several times as fast as arithmetic. */
function float16Table(): Float32Array {
  float16Values ??= Float32Array.from({ length: 65_536 }, (_, bits) => decodeFloat16(bits));
  return float16Values;
}

type NumberArray =
  | Float64Array
  | Float32Array
  | Int32Array
  | Uint32Array
  | Int16Array
  | Uint16Array
  | Int8Array
  | Uint8Array;

/** The memory of `bytes` as a buffer of its own that starts at an aligned address. */
function alignedBuffer(bytes: Uint8Array): ArrayBuffer {
  const whole = bytes.byteOffset === 0 && bytes.byteLength === bytes.buffer.byteLength;
  return whole && bytes.buffer instanceof ArrayBuffer ? bytes.buffer : Uint8Array.from(bytes).buffer;
}

function wideIntegers(values: BigInt64Array | BigUint64Array): Float64Array {
  return Float64Array.from(values, Number);
}

const READERS: Readonly<Record<DType, (buffer: ArrayBuffer) => NumberArray>> = {
  BOOL: (buffer) => new Uint8Array(buffer).map((value) => (value ? 1 : 0)),
  U8: (buffer) => new Uint8Array(buffer),
  I8: (buffer) => new Int8Array(buffer),
  I16: (buffer) => new Int16Array(buffer),
  U16: (buffer) => new Uint16Array(buffer),
  F16: (buffer) => lookUp(new Uint16Array(buffer), float16Table()),
  BF16: (buffer) => {
    const words = new Uint16Array(buffer);
    const bits = new Uint32Array(words.length);
    for (let index = 0; index < words.length; index++) bits[index] = words[index]! << 16;
    return new Float32Array(bits.buffer);
  },
  I32: (buffer) => new Int32Array(buffer),
  U32: (buffer) => new Uint32Array(buffer),
  F32: (buffer) => new Float32Array(buffer),
  F64: (buffer) => new Float64Array(buffer),
  I64: (buffer) => wideIntegers(new BigInt64Array(buffer)),
  U64: (buffer) => wideIntegers(new BigUint64Array(buffer)),
};

function lookUp(bits: Uint16Array, table: Float32Array): Float32Array {
  const values = new Float32Array(bits.length);
  for (let index = 0; index < bits.length; index++) values[index] = table[bits[index]!]!;
  return values;
}

const WRITERS: Readonly<Record<FloatDType, (values: NumberArray) => NumberArray>> = {
  F16: (values) => encodeEach(values, encodeFloat16),
  BF16: (values) => encodeEach(values, encodeBfloat16),
  F32: (values) => (values instanceof Float32Array ? values : Float32Array.from(values)),
  F64: (values) => (values instanceof Float64Array ? values : Float64Array.from(values)),
};

function encodeEach(values: NumberArray, encode: (value: number) => number): Uint16Array {
  const bits = new Uint16Array(values.length);
  for (let index = 0; index < values.length; index++) bits[index] = encode(values[index]!);
  return bits;
}

function readValues(bytes: Uint8Array, dtype: DType): NumberArray {
  const width = bytesPerValue(dtype);
  if (bytes.byteLength % width !== 0) {
    throw new CheckpointError(`${dtype} values need a multiple of ${width} bytes, but there are ${bytes.byteLength}.`);
  }
  return READERS[dtype](alignedBuffer(bytes));
}

/**
 * Little-endian bytes of one element type as float32 values; shares memory with `bytes` where it can.
 *
 * 64-bit integers and float64 values are rounded to the nearest float32.
 *
 * @throws CheckpointError when the bytes are no whole number of values.
 */
export function float32FromBytes(bytes: Uint8Array, dtype: DType): Float32Array {
  return WRITERS.F32(readValues(bytes, dtype)) as Float32Array;
}

/**
 * Little-endian bytes of one element type as another; floats are rounded once, to nearest with ties to even.
 *
 * Where `from` equals `to` the same bytes come back. Values beyond the range of F16 become infinite.
 *
 * @throws CheckpointError when the bytes are no whole number of values.
 */
export function convertDType(bytes: Uint8Array, from: DType, to: FloatDType): Uint8Array {
  if (from === to) return bytes;
  const { buffer, byteOffset, byteLength } = WRITERS[to](readValues(bytes, from));
  return new Uint8Array(buffer, byteOffset, byteLength);
}
