import type { SourceTensor } from '@od-vae/core/base';

import { float32FromBytes } from './convert-dtype.ts';
import { type DType, tensorBytes } from './dtype.ts';

/** One tensor that can be written: what it is, and its bytes when they are wanted. */
export interface WritableTensor {
  readonly name: string;
  readonly dtype: DType;
  /** In PyTorch's layout; empty for a scalar. */
  readonly shape: readonly number[];
  /** Little-endian values in row-major order. */
  bytes(): Promise<Uint8Array>;
  /** The same bytes piece by piece, for tensors that must not be in memory whole; `bytes` is not called then. */
  pieces?(): AsyncIterable<Uint8Array>;
}

/** One tensor of a checkpoint; every call of `bytes` or `float32` reads the file. */
export interface StoredTensor extends SourceTensor, WritableTensor {
  /** Bytes of all values. */
  readonly byteLength: number;
  /** The bytes from `begin` up to `end` alone; undefined for formats that cannot tell where they lie. */
  range?(begin: number, end: number): Promise<Uint8Array>;
}

/** A stored tensor from what a file says of it; `shape` must have been checked with `tensorBytes`. */
export function storedTensor({ name, dtype, shape, bytes }: WritableTensor): StoredTensor {
  return {
    name,
    dtype,
    shape,
    byteLength: tensorBytes(shape, dtype)!,
    bytes,
    float32: async () => float32FromBytes(await bytes(), dtype),
  };
}
