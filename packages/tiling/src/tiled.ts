import { type Tensor5D, tidy } from '@tensorflow/tfjs-core';

import type { ClipFunction } from './clip-function.ts';
import { planTiles, type TilePlan, type TilingOptions } from './plan-tiles.ts';
import { tileSteps } from './tile-steps.ts';

/**
 * An encoder or a decoder tile by tile, in time and, where the tiling says so, in space.
 *
 * The result has the shape that the whole clip would give. Tiles are blended in space from above, then from the left; with
 * `officialTiling` the numbers are those of the released code.
 *
 * @param f gives moments or latents of a clip (encode) or a clip of latents (decode), with the strides of `options`
 */
export function tiled(f: ClipFunction, options: TilingOptions): ClipFunction {
  return (clip) =>
    tidy('tiled', () => {
      const steps = tileSteps(f, clip, planFor(clip, options));
      let step = steps.next();
      while (!step.done) step = steps.next();
      return step.value;
    });
}

/** The plan by which `tiled` runs on a clip `[batch, time, height, width, channels]`. */
export function planFor(clip: Tensor5D, options: TilingOptions): TilePlan {
  const [, time, height, width] = clip.shape;
  return planTiles({ ...options, time, height, width });
}
