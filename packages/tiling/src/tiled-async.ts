import type { LongCallOptions } from '@od-vae/core';
import type { Tensor5D } from '@tensorflow/tfjs-core';

import type { ClipFunction, SteppedClipFunction } from './clip-function.ts';
import type { TilingOptions } from './plan-tiles.ts';
import { runSteps } from './run-steps.ts';
import { tileSteps } from './tile-steps.ts';
import { planFor } from './tiled.ts';

/** A clip function that takes its time: it can be ended, says how far it is, and lets other work run between tiles. */
export type LongClipFunction = (clip: Tensor5D, options?: LongCallOptions) => Promise<Tensor5D>;

/**
 * `tiled` with a pause after every tile, and after every step of a stepped `f`, in which the event loop turns.
 *
 * Progress counts tiles. When the call is aborted or `f` fails, nothing stays allocated; the clip must live until then.
 */
export function tiledAsync(f: ClipFunction | SteppedClipFunction, options: TilingOptions): LongClipFunction {
  return async (clip, { signal, onProgress } = {}) => {
    const plan = planFor(clip, options);
    let done = 0;
    return await runSteps(tileSteps(f, clip, plan), {
      signal,
      onStep: (step) => {
        if (step === 'tile') onProgress?.({ phase: options.direction, done: ++done, total: plan.count });
      },
    });
  };
}
