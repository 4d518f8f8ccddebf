import type { PlainTensor } from './plain-tensors.ts';
import { valueAt, widthOf } from './plain-values.ts';

/** The tensors and metadata of a safetensors file, read in the plainest way; throws where the format is broken. */
export function plainSafetensors(bytes: Uint8Array): {
  tensors: Map<string, PlainTensor>;
  metadata: Record<string, string>;
} {
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(8, 8 + length));
  if (8 + length > bytes.length) throw new Error('the header is longer than the file');
  const header = JSON.parse(text) as Record<string, { dtype: string; shape: number[]; data_offsets: [number, number] }>;
  const metadata = (header['__metadata__'] ?? {}) as unknown as Record<string, string>;
  const tensors = new Map<string, PlainTensor>();
  let described = 0;
  for (const [name, { dtype, shape, data_offsets: offsets }] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    const width = widthOf(dtype);
    const count = shape.reduce((product, side) => product * side, 1);
    const [begin, end] = offsets;
    if (width === undefined || !(end - begin === count * width) || !(8 + length + end <= bytes.length)) {
      throw new Error(`"${name}" does not fit`);
    }
    const values = Array.from({ length: count }, (_, index) =>
      valueAt(bytes, 8 + length + begin + index * width, dtype),
    );
    tensors.set(name, { dtype, shape, values });
    described += end - begin;
  }
  if (described !== bytes.length - 8 - length) throw new Error('bytes are left over, or taken twice');
  return { tensors, metadata };
}
