import type { TensorInfo } from '@tensorflow/tfjs-core';

import type { Activation } from './programs/group-norm.ts';

/** A tensor that is computed when an op reads it that cannot read what it comes from. */
export type Deferred = DeferredScale | HalfClip;

/**
 * A tensor that is another one, each channel scaled, shifted and activated.
 *
 * Between a group norm and a large convolution it need not exist: the convolution scales what it reads.
 */
export interface DeferredScale {
  readonly kind: 'scale';
  readonly source: TensorInfo;
  /** `[samples, 2, channels]`. */
  readonly scales: TensorInfo;
  readonly activation: Activation;
  /** Pixels of a sample. */
  readonly pixels: number;
  /** Computes the tensor. */
  readonly compute: (y: TensorInfo) => void;
}

/** A clip whose values are stored in 16 bits, two in the place of one. */
interface HalfClip {
  readonly kind: 'half';
  readonly halves: TensorInfo;
  /** Computes the values in 32 bits. */
  readonly compute: (y: TensorInfo) => void;
}
