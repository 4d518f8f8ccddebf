import { ConfigError } from '@od-vae/core';

import { spatialStep } from './spatial-tiles.ts';
import { checkTileFrames } from './temporal-tiles.ts';
import type { SpatialTiling, Tiling } from './tiling.ts';

/** How much smaller latents are than the clip, in time and along each side of a frame. */
export interface Strides {
  readonly temporalStride: number;
  readonly spatialStride: number;
}

/**
 * Refuses a tiling that cannot work for a model with the given strides, in either direction.
 *
 * @throws ConfigError which names the length at fault and, where there is one, a length that works
 */
export function checkTiling(tiling: Tiling, { temporalStride, spatialStride }: Strides): void {
  checkTileFrames('tiling.frames', tiling.frames, temporalStride);
  checkTileFrames('tiling.latents', tiling.latents, 1);
  if (!Number.isInteger(spatialStride) || spatialStride < 1) {
    throw new ConfigError(`spatialStride must be a whole number of at least 1, but is ${spatialStride}.`);
  }
  if (tiling.spatial) checkSpatial(tiling.spatial, spatialStride);
}

function checkSpatial(spatial: SpatialTiling, spatialStride: number): void {
  const { sampleSize, latentSize, overlap, official } = spatial;
  if (!Number.isInteger(latentSize) || latentSize < 1) {
    throw new ConfigError(`tiling.spatial.latentSize must be a whole number of at least 1, but is ${latentSize}.`);
  }
  if (!Number.isInteger(sampleSize) || sampleSize < spatialStride) {
    throw new ConfigError(
      `tiling.spatial.sampleSize must be a whole number of at least ${spatialStride} px, but is ${sampleSize}.`,
    );
  }
  if (!(overlap >= 0 && overlap < 1)) {
    throw new ConfigError(`tiling.spatial.overlap must be at least 0 and below 1, but is ${overlap}.`);
  }
  const encode = spatialStep(spatial, 'encode');
  const decode = spatialStep(spatial, 'decode');
  if (encode.stride < 1 || decode.stride < 1) {
    throw new ConfigError(
      `tiling.spatial.overlap ${overlap} leaves tiles of ${sampleSize} px (${latentSize} latents) no step forward.`,
    );
  }
  if (official) return;
  if (sampleSize !== latentSize * spatialStride) {
    throw new ConfigError(
      `tiling.spatial.sampleSize must be ${latentSize} latents of ${spatialStride} px = ${latentSize * spatialStride}, but is ${sampleSize}.`,
    );
  }
  if (encode.stride !== encode.keep * spatialStride || decode.stride * spatialStride !== decode.keep) {
    throw new ConfigError(
      `tiling.spatial.overlap must be a whole number of the ${latentSize} latents of a tile, but is ${overlap} ` +
        `(try ${Math.round(overlap * latentSize)}/${latentSize}).`,
    );
  }
}
