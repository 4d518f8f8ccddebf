import { CheckpointError, type SourceTensor } from '@od-vae/core';
import { convertDType, type DType, float32FromBytes, type FloatDType, type WritableTensor } from '@od-vae/weights';

const FLOATS: ReadonlySet<DType> = new Set(['F16', 'BF16', 'F32', 'F64']);
const F16_EXPONENT = 0x7c00;

/** Whether an element type holds real numbers. */
export function isFloat(dtype: DType): dtype is FloatDType {
  return FLOATS.has(dtype);
}

/** A tensor in another float type; integers stay what they are. Values are converted when they are read. */
export function convertTensor(tensor: WritableTensor, dtype: FloatDType | undefined): WritableTensor {
  if (dtype === undefined || dtype === tensor.dtype || !isFloat(tensor.dtype)) return tensor;
  return {
    name: tensor.name,
    shape: tensor.shape,
    dtype,
    bytes: async () => {
      const bytes = await tensor.bytes();
      const converted = convertDType(bytes, tensor.dtype, dtype);
      if (dtype === 'F16') assertInRange(tensor.name, bytes, tensor.dtype, converted);
      return converted;
    },
  };
}

/** A weight that gives float32 values, as one that can be written. */
export function writableTensor(name: string, { shape, float32 }: SourceTensor, dtype: FloatDType): WritableTensor {
  const bytes = async (): Promise<Uint8Array> => {
    const { buffer, byteOffset, byteLength } = await float32();
    return new Uint8Array(buffer, byteOffset, byteLength);
  };
  return convertTensor({ name, shape, dtype: 'F32', bytes }, dtype);
}

/** Half precision ends at 65504: a larger value would become infinite without a word. */
function assertInRange(name: string, bytes: Uint8Array, dtype: DType, converted: Uint8Array): void {
  const half = new Uint16Array(converted.buffer, converted.byteOffset, converted.byteLength / 2);
  if (!half.some((bits) => (bits & F16_EXPONENT) === F16_EXPONENT)) return;
  const beyond = float32FromBytes(bytes, dtype).find(
    (value, index) => Number.isFinite(value) && (half[index]! & F16_EXPONENT) === F16_EXPONENT,
  );
  if (beyond !== undefined) {
    throw new CheckpointError(`"${name}" has a value of ${beyond}, but F16 ends at 65504; bf16 and f32 can hold it.`);
  }
}
