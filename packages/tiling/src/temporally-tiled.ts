import { sliceFrames } from '@od-vae/core';
import { concat, type Tensor5D, tidy } from '@tensorflow/tfjs-core';

import type { ClipFunction } from './clip-function.ts';
import { checkTileFrames, temporalTiles } from './temporal-tiles.ts';

/** How a clip function is tiled in time. */
export interface TemporalTilingOptions {
  /** Frames (or latent frames) that the function sees at once, at least 2: 33 frames or 9 latents in the paper. */
  readonly tileFrames: number;
  /** Input frames for each output frame after the first: 4 for the encoder, 1 for the decoder (the default). */
  readonly temporalStride?: number | undefined;
}

/**
 * `f` group by group, so that memory is bounded by the group and not by the clip.
 *
 * Groups overlap by one frame, and the first output frame of every later group is dropped; so encoders and decoders are
 * tiled alike, and the result is as long as without tiling.
 *
 * @throws ConfigError when `tileFrames` does not suit the stride
 */
export function temporallyTiled(
  f: ClipFunction,
  { tileFrames, temporalStride = 1 }: TemporalTilingOptions,
): ClipFunction {
  checkTileFrames('temporallyTiled', tileFrames, temporalStride);
  return (clip) =>
    tidy('temporallyTiled', () => {
      const outputs = temporalTiles(clip.shape[1], tileFrames, temporalStride).map(({ begin, end }) =>
        tidy(() => {
          const output = f(sliceFrames(clip, begin, end));
          return begin === 0 ? output : laterFrames(output);
        }),
      );
      return concat(
        outputs.filter((output) => output !== undefined),
        1,
      );
    });
}

function laterFrames(output: Tensor5D): Tensor5D | undefined {
  const [, time] = output.shape;
  return time > 1 ? sliceFrames(output, 1, time) : undefined;
}
