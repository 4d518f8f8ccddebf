import type { SourceTensor, TensorSource } from '@od-vae/core';

/** A source of weights that knows what has been read from it. */
export interface HashedSource extends TensorSource {
  /**
   * SHA-256 over the names and float32 values of all weights that were read, in the order of their names; undefined where
   * a page may not hash (it is not a secure context).
   */
  hash(): Promise<string | undefined>;
}

/** Weights as they are, hashed while they are read. */
export function hashWeights({ label, tensors }: TensorSource): HashedSource {
  const hashes = new Map<string, string>();
  const seen = (name: string, tensor: SourceTensor): SourceTensor => ({
    ...tensor,
    float32: async () => {
      const values = await tensor.float32();
      if (canHash()) hashes.set(name, await sha256(values));
      return values;
    },
  });
  return {
    label,
    tensors: new Map(Array.from(tensors, ([name, tensor]) => [name, seen(name, tensor)])),
    hash: async () => {
      if (!canHash()) return undefined;
      const lines = Array.from(hashes, ([name, hash]) => `${name} ${hash}\n`).toSorted();
      return sha256(new TextEncoder().encode(lines.join('')));
    },
  };
}

function canHash(): boolean {
  return typeof crypto !== 'undefined' && crypto.subtle !== undefined;
}

async function sha256(values: Float32Array | Uint8Array): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', values as Float32Array<ArrayBuffer>));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
