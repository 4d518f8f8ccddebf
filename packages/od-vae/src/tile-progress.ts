import type { LongCallOptions } from '@od-vae/core';
import { type ClipSize, planTiles, type TilingOptions } from '@od-vae/tiling';

import type { TilePartListener } from './model.ts';

/** How the progress of tiles becomes the progress of frames. */
export interface TileProgressOptions {
  total: number | undefined;
  onProgress: LongCallOptions['onProgress'];
  /** Frames of the video that so many items (frames, or latent frames) stand for, the first one included. */
  framesOf: (items: number) => number;
}

/** What the tiles of a picture cover in all, counting twice what two of them share. */
export function coveredArea(options: TilingOptions, size: ClipSize): number {
  const { rows, columns } = planTiles({ ...options, ...size });
  const lengths = (tiles: typeof rows) => tiles.reduce((sum, { input }) => sum + input.end - input.begin, 0);
  return lengths(rows) * lengths(columns);
}

/** Turns parts of tiles into a growing number of frames. */
export function tileProgress(
  phase: string,
  { total, onProgress, framesOf }: TileProgressOptions,
): {
  startGroup: (items: number, area: number) => void;
  skipGroup: (items: number) => void;
  onPart: TilePartListener;
} {
  let finished = 0;
  let groupFrames = 0;
  let groupArea = 1;
  let part = 0;
  const startGroup = (items: number, area: number): void => {
    finished += groupFrames;
    // A later group repeats one frame of the group before it.
    groupFrames = finished === 0 ? framesOf(items) : framesOf(items) - 1;
    groupArea = area;
    part = 0;
  };
  return {
    startGroup,
    skipGroup: (items) => {
      startGroup(items, 1);
      onProgress?.({ phase, done: finished + groupFrames, total });
    },
    onPart: (more, [, , height = 1, width = 1]) => {
      part = Math.min(1, part + (more * height * width) / groupArea);
      onProgress?.({ phase, done: finished + part * groupFrames, total });
    },
  };
}
