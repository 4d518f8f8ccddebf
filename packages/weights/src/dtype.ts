/** Element types that are read and written, by their name in safetensors. */
export type DType =
  | 'BOOL'
  | 'U8'
  | 'I8'
  | 'I16'
  | 'U16'
  | 'F16'
  | 'BF16'
  | 'I32'
  | 'U32'
  | 'F32'
  | 'F64'
  | 'I64'
  | 'U64';

/** Element types that hold real numbers, the ones values may be converted to. */
export type FloatDType = 'F16' | 'BF16' | 'F32' | 'F64';

/** In the order of the official safetensors library, which lays the last of them first in a file. */
const BYTES_PER_VALUE: Readonly<Record<DType, number>> = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  I16: 2,
  U16: 2,
  F16: 2,
  BF16: 2,
  I32: 4,
  U32: 4,
  F32: 4,
  F64: 8,
  I64: 8,
  U64: 8,
};

const ORDER: readonly string[] = Object.keys(BYTES_PER_VALUE);

/** Whether `name` is an element type of this package. */
export function isDType(name: unknown): name is DType {
  return typeof name === 'string' && Object.hasOwn(BYTES_PER_VALUE, name);
}

/** Bytes of one value: 1, 2, 4 or 8. */
export function bytesPerValue(dtype: DType): number {
  return BYTES_PER_VALUE[dtype];
}

/** Place of an element type in the official library's order, narrowest first. */
export function dtypeRank(dtype: DType): number {
  return ORDER.indexOf(dtype);
}

/** Bytes of a tensor, or undefined when a dimension or the product is no safe non-negative integer. */
export function tensorBytes(shape: readonly number[], dtype: DType): number | undefined {
  let bytes = bytesPerValue(dtype);
  for (const dimension of shape) {
    if (!Number.isSafeInteger(dimension) || dimension < 0) return undefined;
    bytes *= dimension;
    if (!Number.isSafeInteger(bytes)) return undefined;
  }
  return bytes;
}
