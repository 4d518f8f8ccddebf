import { ShapeError } from '@od-vae/core';

import type { TileRange } from './temporal-tiles.ts';
import type { SpatialTiling } from './tiling.ts';

/** Whether tiles go through the encoder, from pixels to latents, or through the decoder. */
export type TilingDirection = 'encode' | 'decode';

/** One tile along one axis. */
export interface AxisTile {
  /** What the tile reads of the whole input. */
  readonly input: TileRange;
  /** How much the tile gives. */
  readonly made: number;
  /** Where the kept part of it lies in the whole output: its first values in space, its last ones in time. */
  readonly output: TileRange;
}

/** Lengths of a cut in space: `size` and `stride` count input pixels, `blend` and `keep` output pixels. */
export interface SpatialStep {
  readonly size: number;
  readonly stride: number;
  readonly blend: number;
  readonly keep: number;
}

/** The lengths that follow from a spatial tiling, rounded down as the released code does. */
export function spatialStep(
  { sampleSize, latentSize, overlap }: SpatialTiling,
  direction: TilingDirection,
): SpatialStep {
  const [size, outputSize] = direction === 'encode' ? [sampleSize, latentSize] : [latentSize, sampleSize];
  const blend = Math.floor(outputSize * overlap);
  return { size, stride: Math.floor(size * (1 - overlap)), blend, keep: outputSize - blend };
}

/**
 * Tiles along one side of the frames.
 *
 * The last tile ends at the border and may be shorter. It is the first one that reaches the border or, with `official`,
 * the last one that begins before it.
 *
 * @param outputLength how many output pixels the model makes of so many input pixels
 * @throws ShapeError when a tile is too small to give even one output pixel
 */
export function spatialTiles(
  length: number,
  { size, stride, keep }: SpatialStep,
  outputLength: (length: number) => number,
  official = false,
): readonly AxisTile[] {
  const tiles: AxisTile[] = [];
  let position = 0;
  for (let begin = 0; begin < length; begin += stride) {
    const end = Math.min(begin + size, length);
    const made = outputLength(end - begin);
    if (made < 1) {
      throw new ShapeError(
        `planTiles: a side of ${length} px, cut into ${size} px every ${stride} px, ends with a tile of ${end - begin} px, ` +
          `which is too small to give an output; crop the side by ${end - begin} px.`,
      );
    }
    const isLast = !official && end === length;
    const kept = isLast ? made : Math.min(made, keep);
    tiles.push({ input: { begin, end }, made, output: { begin: position, end: position + kept } });
    if (isLast) break;
    position += kept;
  }
  return tiles;
}
