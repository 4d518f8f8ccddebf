import type { LongCallOptions } from '@od-vae/core';
import type { Tensor5D } from '@tensorflow/tfjs-core';

import type { ClipFunction } from './clip-function.ts';
import type { TilingOptions } from './plan-tiles.ts';
import { runSteps } from './run-steps.ts';
import { tileSteps } from './tile-steps.ts';
import { planFor } from './tiled.ts';

/** A clip function that takes its time: it can be ended, says how far it is, and lets other work run between tiles. */
export type LongClipFunction = (clip: Tensor5D, options?: LongCallOptions) => Promise<Tensor5D>;

/**
 * `tiled` with a pause after every tile, in which the event loop turns.
 *
 * Progress counts tiles. When the call is aborted or `f` fails, nothing stays allocated; the clip must live until then.
 */
export function tiledAsync(f: ClipFunction, options: TilingOptions): LongClipFunction {
  return async (clip, { signal, onProgress } = {}) => {
    const plan = planFor(clip, options);
    return await runSteps(tileSteps(f, clip, plan), {
      signal,
      onStep: (done) => onProgress?.({ phase: options.direction, done, total: plan.count }),
    });
  };
}
