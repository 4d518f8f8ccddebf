import { CheckpointError, type LongCallOptions } from '@od-vae/core/base';

import { layOutSafetensors } from './safetensors-layout.ts';
import type { WritableTensor } from './stored-tensor.ts';

/** What goes into a safetensors file beside its tensors. */
export interface SafetensorsOptions extends LongCallOptions {
  /** The header's `__metadata__`; PyTorch's readers expect `{ format: 'pt' }`. */
  metadata?: Readonly<Record<string, string>> | undefined;
}

/**
 * A safetensors file, piece by piece: the header, then one tensor (or one of its `pieces`) at a time.
 *
 * The bytes are those the official library writes for the same tensors. Progress counts bytes, phase `write`.
 *
 * @throws CheckpointError when a tensor gives another number of bytes than its shape needs
 */
export async function* safetensorsChunks(
  tensors: Iterable<WritableTensor>,
  { metadata, signal, onProgress }: SafetensorsOptions = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  const layout = layOutSafetensors(tensors, metadata);
  let done = layout.head.length;
  yield layout.head;
  for (const { tensor, byteLength } of layout.tensors) {
    signal?.throwIfAborted();
    let given = 0;
    for await (const bytes of piecesOf(tensor)) {
      signal?.throwIfAborted();
      given += bytes.length;
      if (given > byteLength) break;
      yield bytes;
    }
    if (given !== byteLength) {
      throw new CheckpointError(
        `"${tensor.name}" [${tensor.shape}] in ${tensor.dtype} needs ${byteLength} bytes, but gave ${given}.`,
      );
    }
    done += byteLength;
    onProgress?.({ phase: 'write', done, total: layout.byteLength });
  }
}

async function* piecesOf(tensor: WritableTensor): AsyncGenerator<Uint8Array, void, undefined> {
  if (tensor.pieces) yield* tensor.pieces();
  else yield await tensor.bytes();
}

/** A whole safetensors file in memory; see {@link safetensorsChunks} for large ones. */
export async function encodeSafetensors(
  tensors: Iterable<WritableTensor>,
  options: SafetensorsOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const list = [...tensors];
  const file = new Uint8Array(layOutSafetensors(list, options.metadata).byteLength);
  let position = 0;
  for await (const chunk of safetensorsChunks(list, options)) {
    file.set(chunk, position);
    position += chunk.length;
  }
  return file;
}
