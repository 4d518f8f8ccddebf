import type { TensorInfo } from '@tensorflow/tfjs-core';

import type { ScaleArguments } from './tasks/normalization.ts';

/**
 * A tensor that is another one, each channel scaled, shifted and activated.
 *
 * Between a group norm and a convolution it need not exist: the convolution scales what it reads, in the cache.
 */
export interface DeferredScale {
  readonly source: TensorInfo;
  readonly scale: Omit<ScaleArguments, 'x' | 'y'>;
}
