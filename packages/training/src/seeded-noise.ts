import { mixSeeds, normalSource, sizeOf } from '@od-vae/core';
import { tensor, type Tensor5D } from '@tensorflow/tfjs-core';

/** Standard normal noise that depends on a run's seed, the step and the clip's place in it alone. */
export function seededNoise(seed: number, step: number, index: number, shape: Tensor5D['shape']): Tensor5D {
  const next = normalSource(mixSeeds(seed, step, index));
  return tensor(Float32Array.from({ length: sizeOf(shape) }, next), shape);
}
