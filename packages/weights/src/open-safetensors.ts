import type { TensorSource } from '@od-vae/core/base';

import { blobSource } from './byte-source.ts';
import { readSafetensors } from './read-safetensors.ts';
import type { StoredTensor } from './stored-tensor.ts';

/** A safetensors file as it is: every tensor under the name that it has there. Its owner closes it. */
export interface SafetensorsFile extends TensorSource, AsyncDisposable {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly metadata: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/**
 * Opens one safetensors file whatever it holds, a path (Node) or a Blob; only the header is read.
 *
 * For models use {@link openCheckpoint}, which knows what else checkpoints hold.
 *
 * @throws CheckpointError when the header breaks any rule of the format
 */
export async function openSafetensors(source: string | Blob): Promise<SafetensorsFile> {
  const bytes =
    typeof source === 'string' ? await (await import('#node/file-source')).fileSource(source) : blobSource(source);
  const close = (): Promise<void> => bytes.close();
  try {
    return { label: bytes.label, ...(await readSafetensors(bytes)), close, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}
