import { type ByteSource, checkRange } from './byte-source.ts';
import { headerLength, LENGTH_BYTES, parseSafetensorsHeader } from './safetensors-header.ts';
import { type StoredTensor, storedTensor } from './stored-tensor.ts';

/** The tensors of one file by name, in the file's order. */
export interface TensorFile {
  readonly tensors: Map<string, StoredTensor>;
  readonly metadata: Record<string, string>;
}

/**
 * The tensors of a safetensors file; only the header is read.
 *
 * @throws CheckpointError when the header breaks any rule of the format
 */
export async function readSafetensors(source: ByteSource): Promise<TensorFile> {
  const length = headerLength(await source.read(0, LENGTH_BYTES), source.size, source.label);
  const dataStart = LENGTH_BYTES + length;
  const header = await source.read(LENGTH_BYTES, dataStart);
  const { metadata, entries } = parseSafetensorsHeader(header, source.size - dataStart, source.label);
  const tensors = new Map<string, StoredTensor>();
  for (const { begin, end, ...entry } of entries) {
    const read = (first: number, last: number) => source.read(dataStart + begin + first, dataStart + begin + last);
    const range = async (first: number, last: number): Promise<Uint8Array> => {
      checkRange({ label: `"${entry.name}" of ${source.label}`, size: end - begin }, first, last);
      return read(first, last);
    };
    tensors.set(entry.name, { ...storedTensor({ ...entry, bytes: () => read(0, end - begin) }), range });
  }
  return { tensors, metadata };
}
