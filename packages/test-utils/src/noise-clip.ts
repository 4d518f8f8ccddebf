import { tensor5d, type Tensor5D } from '@tensorflow/tfjs-core';

import { goldenInput } from './golden.ts';

/** A clip `[batch, time, height, width, channels]` of noise in [-1, 1) that depends on its key and shape alone. */
export function noiseClip(key: string, shape: Tensor5D['shape']): Tensor5D {
  return tensor5d(goldenInput(key, shape), shape);
}
