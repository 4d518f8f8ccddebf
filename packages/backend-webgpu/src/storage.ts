import { BackendError } from '@od-vae/core';
import type { TensorInfo } from '@tensorflow/tfjs-core';

/** In how many bits clips between our own kernels are stored; sums always have 32. */
export type Storage = 'f32' | 'f16';

/** A clip as our kernels read it. */
export interface StoredClip {
  /** Its values, or two of 16 bits in the place of each. */
  readonly tensor: TensorInfo;
  readonly half: boolean;
}

/** A clip that a program is to write. */
export interface ClipOutput extends StoredClip {
  /** What TensorFlow.js knows of it. */
  readonly info: TensorInfo;
}

/** Channels from which clips are stored in 16 bits: pixels and latents keep all their digits. */
const LEAST_CHANNELS = 16;

/** Whether a clip of this shape is stored in 16 bits where a backend does so. */
export function isStoredInHalf(shape: readonly number[]): boolean {
  const channels = shape.at(-1)!;
  return channels >= LEAST_CHANNELS && channels % 4 === 0;
}

/**
 * What is asked for, checked.
 *
 * @throws BackendError when there is no such storage, or the device has no 16-bit floats
 */
export function checkStorage(asked: string, { hasHalves }: { readonly hasHalves: boolean }): Storage {
  if (asked !== 'f32' && asked !== 'f16') {
    throw new BackendError(`webgpu: storage must be f32 or f16, but is "${asked}".`);
  }
  if (asked === 'f16' && !hasHalves) {
    throw new BackendError('webgpu: storage f16 needs a GPU with the feature shader-f16, which this one has not.');
  }
  return asked;
}
