import { CheckpointError } from '@od-vae/core/base';

import { dtypeRank, isDType, tensorBytes } from './dtype.ts';
import { LENGTH_BYTES, MAX_HEADER_BYTES } from './safetensors-header.ts';
import type { WritableTensor } from './stored-tensor.ts';

/** A safetensors file before its data: the first bytes, and the tensors in the order in which they follow. */
export interface SafetensorsLayout<T extends WritableTensor = WritableTensor> {
  /** Length and header. */
  readonly head: Uint8Array<ArrayBuffer>;
  readonly tensors: readonly { readonly tensor: T; readonly byteLength: number }[];
  /** Bytes of the whole file. */
  readonly byteLength: number;
}

const encoder = /* @__PURE__ */ new TextEncoder();

/**
 * Lays a file out as the official library does: widest type first, then by name in UTF-8 order, a compact header with
 * the metadata first, filled with spaces to a multiple of eight bytes.
 *
 * @throws CheckpointError when a name is used twice, a shape is not sound, or the header gets too long
 */
export function layOutSafetensors<T extends WritableTensor>(
  tensors: Iterable<T>,
  metadata?: Readonly<Record<string, string>>,
): SafetensorsLayout<T> {
  const keyed = Array.from(tensors, assertWritable).map((tensor) => ({ tensor, key: encoder.encode(tensor.name) }));
  keyed.sort(
    (left, right) => dtypeRank(right.tensor.dtype) - dtypeRank(left.tensor.dtype) || compareBytes(left.key, right.key),
  );
  const header: string[] = [];
  if (metadata && Object.keys(metadata).length > 0) header.push(`"__metadata__":${JSON.stringify(metadata)}`);
  const names = new Set<string>(['__metadata__', '']);
  let position = 0;
  const placed = keyed.map(({ tensor }) => {
    const { name, dtype, shape } = tensor;
    if (names.has(name))
      throw new CheckpointError(
        `A safetensors file cannot hold "${name}" twice, nor a tensor of that name beside its own.`,
      );
    names.add(name);
    const byteLength = tensorBytes(shape, dtype);
    if (byteLength === undefined)
      throw new CheckpointError(`"${name}" cannot be written: its shape [${shape}] is not sound.`);
    const info = { dtype, shape, data_offsets: [position, position + byteLength] };
    header.push(`${JSON.stringify(name)}:${JSON.stringify(info)}`);
    position += byteLength;
    return { tensor, byteLength };
  });
  const head = encodeHead(`{${header.join(',')}}`);
  return { head, tensors: placed, byteLength: head.length + position };
}

/** Checks what JavaScript and casts may leave out, before a missing type is taken for a wrong shape. */
function assertWritable<T extends WritableTensor>(tensor: T): T {
  const { name, dtype, bytes, pieces } = tensor;
  if (!isDType(dtype)) {
    throw new CheckpointError(
      `The dtype of "${name}" must be a type of safetensors, such as "F32", but is ${String(dtype)}.`,
    );
  }
  if (typeof (bytes ?? pieces) !== 'function') {
    throw new CheckpointError(`"${name}" must have a function bytes() that returns its values, but has none.`);
  }
  return tensor;
}

function encodeHead(json: string): Uint8Array<ArrayBuffer> {
  const text = encoder.encode(json);
  const length = Math.ceil(text.length / 8) * 8;
  if (length > MAX_HEADER_BYTES) {
    throw new CheckpointError(`The header would have ${length} bytes, but at most ${MAX_HEADER_BYTES} can be read.`);
  }
  const head = new Uint8Array(LENGTH_BYTES + length).fill(0x20, LENGTH_BYTES);
  new DataView(head.buffer).setBigUint64(0, BigInt(length), true);
  head.set(text, LENGTH_BYTES);
  return head;
}

function compareBytes(left: Uint8Array, right: Uint8Array): number {
  const shorter = Math.min(left.length, right.length);
  for (let index = 0; index < shorter; index++) {
    const difference = left[index]! - right[index]!;
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
