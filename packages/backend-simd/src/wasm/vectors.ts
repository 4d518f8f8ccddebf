import { signed, unsigned } from './bytes.ts';
import { get, type Local, type Value } from './function-code.ts';

type Vector = Value<'v128'>;

const simd = (code: number) => [0xfd, ...unsigned(code)];
const unary =
  (code: number) =>
  (x: Vector): Vector => ({ bytes: [...x.bytes, ...simd(code)] });
const binary =
  (code: number) =>
  (a: Vector, b: Vector): Vector => ({
    bytes: [...a.bytes, ...b.bytes, ...simd(code)],
  });
const fromMemory =
  (code: number, alignment: number) =>
  (address: Local<'i32'>, offset = 0): Vector => ({
    bytes: [...get(address).bytes, ...simd(code), alignment, ...unsigned(offset)],
  });

/** Four float32 at a byte address. */
export const load = fromMemory(0x00, 2);
/** Four float32 at an address that is known when the code is written. */
export const loadAt = (address: number): Vector => ({ bytes: [0x41, 0, ...simd(0x00), 2, ...unsigned(address)] });
/** One float32 at a byte address, in all four lanes. */
export const loadSplat = fromMemory(0x09, 2);
/** Two float32 at a byte address, widened to float64. */
export const loadWide = (address: Local<'i32'>, offset = 0): Vector => promote(fromMemory(0x5d, 2)(address, offset));

const promote = unary(0x5f);

/** Operations on four float32. */
export const add = binary(0xe4);
/** Difference of four float32. */
export const subtract = binary(0xe5);
/** Product of four float32. */
export const multiply = binary(0xe6);
/** Quotient of four float32. */
export const divide = binary(0xe7);
/** Smaller of each two float32. */
export const minimum = binary(0xe8);
/** Larger of each two float32. */
export const maximum = binary(0xe9);
/** Smaller of each two float32 in one instruction; where `a` is no number, it stays. */
export const smaller = binary(0xea);
/** Larger of each two float32, likewise. */
export const larger = binary(0xeb);
/** Each float32 negated. */
export const negate = unary(0xe1);

/** Each float32 without its sign. */
export const absolute = unary(0xe0);
/** Square root of each float32. */
export const squareRoot = unary(0xe3);
/** All bits of a lane set where the first float32 is larger. */
export const greater = binary(0x44);
/** All bits of a lane set where two float32 differ, or one is no number. */
export const unequal = binary(0x42);

/** Bits of `a` where the mask is set, of `b` elsewhere. */
export function select(a: Vector, b: Vector, mask: Vector): Vector {
  return { bytes: [...a.bytes, ...b.bytes, ...mask.bytes, ...simd(0x52)] };
}

/** Sum of two float64. */
export const addWide = binary(0xf0);
/** Product of two float64. */
export const multiplyWide = binary(0xf2);

/** One float32 in all four lanes. */
export function splat(value: number): Vector {
  const bytes = new Uint8Array(Float32Array.of(value, value, value, value).buffer);
  return { bytes: [...simd(0x0c), ...bytes] };
}

/** A float32 variable in all four lanes. */
export function splatLocal(value: Local<'f32'>): Vector {
  return { bytes: [...get(value).bytes, ...simd(0x13)] };
}

/** Bits of four integers moved to the left, and the bits of `b` added. */
export function shiftLeftAndAdd(a: Vector, count: number, b: Vector): Vector {
  return { bytes: [...a.bytes, 0x41, ...signed(count), ...simd(0xab), ...b.bytes, ...simd(0xae)] };
}

/**
 * What the kernels are written for: `plain` SIMD, where a product is rounded before it is added; `relaxed`, where both are
 * one instruction; `wide`, the same for an engine that makes one operation on 256 bits of two on 128 that lie side by side.
 */
export type Level = 'plain' | 'relaxed' | 'wide';

/** `a * b + sum`. */
export function multiplyAdd(level: Level, a: Vector, b: Vector, sum: Vector): Vector {
  if (level === 'plain') return add(sum, multiply(a, b));
  return { bytes: [...a.bytes, ...b.bytes, ...sum.bytes, ...simd(0x105)] };
}
