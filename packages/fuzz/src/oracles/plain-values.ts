/** How one value of each element type is read, by the letter of the format, without tables. */
const READERS: Readonly<Record<string, readonly [width: number, read: (view: DataView, at: number) => number]>> = {
  BOOL: [1, (view, at) => (view.getUint8(at) === 0 ? 0 : 1)],
  U8: [1, (view, at) => view.getUint8(at)],
  I8: [1, (view, at) => view.getInt8(at)],
  U16: [2, (view, at) => view.getUint16(at, true)],
  I16: [2, (view, at) => view.getInt16(at, true)],
  F16: [2, (view, at) => half(view.getUint16(at, true))],
  BF16: [2, (view, at) => brain(view.getUint16(at, true))],
  U32: [4, (view, at) => view.getUint32(at, true)],
  I32: [4, (view, at) => view.getInt32(at, true)],
  F32: [4, (view, at) => view.getFloat32(at, true)],
  F64: [8, (view, at) => view.getFloat64(at, true)],
  U64: [8, (view, at) => Number(view.getBigUint64(at, true))],
  I64: [8, (view, at) => Number(view.getBigInt64(at, true))],
};

/** Bytes of a value of an element type; undefined for types that nobody knows. */
export function widthOf(dtype: string): number | undefined {
  return Object.hasOwn(READERS, dtype) ? READERS[dtype]![0] : undefined;
}

/** The value at a byte, as float32. */
export function valueAt(bytes: Uint8Array, at: number, dtype: string): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Math.fround(READERS[dtype]![1](view, at));
}

/** Whether two numbers are the same value, NaN and the sign of zero included. */
export function sameValue(left: number | undefined, right: number | undefined): boolean {
  return Object.is(left, right);
}

function half(bits: number): number {
  const [sign, exponent, fraction] = [bits >> 15 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}

function brain(bits: number): number {
  const [sign, exponent, fraction] = [bits >> 15 ? -1 : 1, (bits >> 7) & 255, bits & 127];
  if (exponent === 255) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -133 : (128 + fraction) * 2 ** (exponent - 134));
}
