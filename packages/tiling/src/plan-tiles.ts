import { ShapeError } from '@od-vae/core';

import { checkTiling, type Strides } from './check-tiling.ts';
import { type AxisTile, type SpatialStep, spatialStep, spatialTiles, type TilingDirection } from './spatial-tiles.ts';
import { temporalTiles } from './temporal-tiles.ts';
import type { Tiling } from './tiling.ts';

/** Lengths of a clip, in frames and pixels (or latents). */
export interface ClipSize {
  readonly time: number;
  readonly height: number;
  readonly width: number;
}

/** How a model is tiled, whatever the clip. */
export interface TilingOptions {
  readonly direction: TilingDirection;
  readonly tiling: Tiling;
  /** Frames for each latent frame after the first; 4 by default. */
  readonly temporalStride?: number | undefined;
  /** Pixels for each latent along a side; 8 by default. */
  readonly spatialStride?: number | undefined;
}

/** A clip and how it is to be tiled. */
export interface PlanRequest extends ClipSize, TilingOptions {
  /**
   * Says that the clip is the first or a later group of a longer one: official tiling then cuts it in space even where it
   * fits, and of a later group the first output frame is dropped.
   */
  readonly part?: 'first' | 'later' | undefined;
}

/** What a tiled call will do: `times.length * rows.length * columns.length` calls, in this order. */
export interface TilePlan {
  readonly direction: TilingDirection;
  readonly input: ClipSize;
  readonly output: ClipSize;
  readonly times: readonly AxisTile[];
  readonly rows: readonly AxisTile[];
  readonly columns: readonly AxisTile[];
  /** Output rows and columns, at most, in which a tile fades in from the one before. */
  readonly blend: number;
  /** Number of calls. */
  readonly count: number;
}

/**
 * Lists the tiles of a clip and the size of the result, or says why it cannot be tiled, before anything is computed.
 *
 * Time gives `ceil(time / 4)` latent frames and `4 (time - 1) + 1` decoded ones, tiled or not.
 *
 * @throws ConfigError when the tiling fits no clip, ShapeError when it does not fit this one
 */
export function planTiles(request: PlanRequest): TilePlan {
  const { direction, tiling, time, height, width, part } = request;
  const strides = { temporalStride: request.temporalStride ?? 4, spatialStride: request.spatialStride ?? 8 };
  checkTiling(tiling, strides);
  checkClip(request, strides.spatialStride);

  const times = timeTiles(request, strides);
  if (outputEnd(times) === 0) {
    throw new ShapeError(
      `planTiles: the first output frame of a later part is dropped, and a part of ${time} frames gives no other.`,
    );
  }
  const outputLength = (length: number) =>
    direction === 'encode' ? Math.floor(length / strides.spatialStride) : length * strides.spatialStride;
  const official = tiling.spatial?.official ?? false;
  const step = stepFor(request, part !== undefined);
  const along = (length: number) =>
    step ? spatialTiles(length, step, outputLength, official) : [wholeSide(length, outputLength(length))];
  const rows = along(height);
  const columns = along(width);
  return {
    direction,
    input: { time, height, width },
    output: { time: outputEnd(times), height: outputEnd(rows), width: outputEnd(columns) },
    times,
    rows,
    columns,
    blend: step?.blend ?? 0,
    count: times.length * rows.length * columns.length,
  };
}

function checkClip({ time, height, width, direction }: PlanRequest, spatialStride: number): void {
  const least = direction === 'encode' ? spatialStride : 1;
  const isLength = (length: number, minimum: number) => Number.isInteger(length) && length >= minimum;
  if (!isLength(time, 1) || !isLength(height, least) || !isLength(width, least)) {
    throw new ShapeError(
      `planTiles: ${direction} needs at least 1 frame of ${least} by ${least}, but the clip has ${time} of ${height} by ${width}.`,
    );
  }
}

function timeTiles(request: PlanRequest, { temporalStride }: Strides): readonly AxisTile[] {
  const { direction, tiling, time } = request;
  const encodes = direction === 'encode';
  const ranges = encodes ? temporalTiles(time, tiling.frames, temporalStride) : temporalTiles(time, tiling.latents);
  let position = 0;
  return ranges.map((input, index) => {
    const length = input.end - input.begin;
    const made = encodes ? Math.ceil(length / temporalStride) : (length - 1) * temporalStride + 1;
    const dropped = index > 0 || request.part === 'later' ? 1 : 0;
    const begin = position;
    position += made - dropped;
    return { input, made, output: { begin, end: position } };
  });
}

/** The cut in space, or undefined where frames stay whole. */
function stepFor({ direction, tiling, time, height, width }: PlanRequest, isPart: boolean): SpatialStep | undefined {
  if (!tiling.spatial) return undefined;
  const step = spatialStep(tiling.spatial, direction);
  const tileFrames = direction === 'encode' ? tiling.frames : tiling.latents;
  const fits = height <= step.size && width <= step.size && time <= tileFrames && !isPart;
  return fits ? undefined : step;
}

function wholeSide(length: number, made: number): AxisTile {
  return { input: { begin: 0, end: length }, made, output: { begin: 0, end: made } };
}

function outputEnd(tiles: readonly AxisTile[]): number {
  return tiles.at(-1)?.output.end ?? 0;
}
