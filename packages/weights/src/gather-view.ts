import { bytesPerValue, type DType } from './dtype.ts';
import type { TensorView } from './torch-tensor-record.ts';

const FLOATS: ReadonlySet<DType> = /* @__PURE__ */ new Set<DType>(['F16', 'BF16', 'F32', 'F64']);

/**
 * The values of a view in row-major order.
 *
 * @param bytes the storage from the view's first value to its last
 * @param width bytes of one value
 */
export function gatherView(
  bytes: Uint8Array,
  { shape, strides }: Pick<TensorView, 'shape' | 'strides'>,
  width: number,
): Uint8Array {
  const count = shape.reduce((product, dimension) => product * dimension, 1);
  const gathered = new Uint8Array(count * width);
  const index = shape.map(() => 0);
  let source = 0;
  for (let target = 0; target < gathered.length; target += width) {
    for (let byte = 0; byte < width; byte++) gathered[target + byte] = bytes[source * width + byte]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      source += strides[axis]!;
      index[axis]! += 1;
      if (index[axis]! < shape[axis]!) break;
      source -= shape[axis]! * strides[axis]!;
      index[axis] = 0;
    }
  }
  return gathered;
}

/** Turns every value around in place, from big-endian to little-endian. */
export function swapBytes(bytes: Uint8Array, width: number): Uint8Array {
  for (let begin = 0; begin < bytes.length; begin += width) bytes.subarray(begin, begin + width).reverse();
  return bytes;
}

/** Negates every little-endian value in place; zeros, infinities and NaN of floats change their sign bit alone. */
export function negateValues(bytes: Uint8Array, dtype: DType): Uint8Array {
  const width = bytesPerValue(dtype);
  if (FLOATS.has(dtype)) {
    for (let last = width - 1; last < bytes.length; last += width) bytes[last]! ^= 0x80;
    return bytes;
  }
  for (let begin = 0; begin < bytes.length; begin += width) {
    let carry = 1;
    for (let index = begin; index < begin + width; index++) {
      const sum = (bytes[index]! ^ 0xff) + carry;
      bytes[index] = sum;
      carry = sum >> 8;
    }
  }
  return bytes;
}
