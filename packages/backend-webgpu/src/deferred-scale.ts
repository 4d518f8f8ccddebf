import type { TensorInfo } from '@tensorflow/tfjs-core';

import type { Activation } from './programs/group-norm.ts';

/**
 * A tensor that is another one, each channel scaled, shifted and activated.
 *
 * Between a group norm and a large convolution it need not exist: the convolution scales what it reads.
 */
export interface DeferredScale {
  readonly source: TensorInfo;
  /** `[samples, 2, channels]`. */
  readonly scales: TensorInfo;
  readonly activation: Activation;
  /** Pixels of a sample. */
  readonly pixels: number;
  /** Computes the tensor. */
  readonly compute: (y: TensorInfo) => void;
}
