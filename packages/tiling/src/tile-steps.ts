import { foldTime, ShapeError, sliceFrames, unfoldTime } from '@od-vae/core';
import { concat, dispose, type Tensor4D, type Tensor5D, tidy } from '@tensorflow/tfjs-core';

import { blendEdge } from './blend-edge.ts';
import type { ClipFunction } from './clip-function.ts';
import type { TilePlan } from './plan-tiles.ts';
import { sliceAxis } from './slice-axis.ts';
import type { AxisTile } from './spatial-tiles.ts';

/**
 * Runs a plan one call of `f` per step, and gives the result when it is done.
 *
 * A caller that stops early ends the generator, which frees everything; the result is the caller's.
 */
export function* tileSteps(f: ClipFunction, clip: Tensor5D, plan: TilePlan): Generator<void, Tensor5D, undefined> {
  const isWhole = plan.rows.length === 1 && plan.columns.length === 1;
  const parts: Tensor5D[] = [];
  try {
    for (const time of plan.times) {
      if (isWhole) {
        parts.push(tidy(() => keptFrames(runTile(f, framesOf(clip, time), plan, time), time)));
        yield;
      } else {
        parts.push(yield* spatialSteps(f, clip, plan, time));
      }
    }
    return concat(parts, 1);
  } finally {
    dispose(parts);
  }
}

/** One group of frames, cut in space: only a row of tiles and the finished rows are held. */
function* spatialSteps(
  f: ClipFunction,
  clip: Tensor5D,
  plan: TilePlan,
  time: AxisTile,
): Generator<void, Tensor5D, undefined> {
  const group = framesOf(clip, time);
  const bands: Tensor4D[] = [];
  let above: Tensor4D[] = [];
  let current: Tensor4D[] = [];
  try {
    for (const row of plan.rows) {
      for (const [index, column] of plan.columns.entries()) {
        const make = () => blendedTile(f, group, { plan, time, row, column }, above[index], current[index - 1]);
        current.push(tidy(make));
        yield;
      }
      bands.push(bandOf(current, plan, row));
      dispose(above);
      above = current;
      current = [];
    }
    return tidy(() => keptFrames(unfoldTime(concat(bands, 1), clip.shape[0]), time));
  } finally {
    dispose([group, ...bands, ...above, ...current]);
  }
}

interface TilePlace {
  readonly plan: TilePlan;
  readonly time: AxisTile;
  readonly row: AxisTile;
  readonly column: AxisTile;
}

/** A tile that has faded in from the one above, then from the one to the left, both of which are blended already. */
function blendedTile(
  f: ClipFunction,
  group: Tensor5D,
  { plan, time, row, column }: TilePlace,
  above: Tensor4D | undefined,
  left: Tensor4D | undefined,
): Tensor4D {
  const { begin: top, end: bottom } = row.input;
  const { begin: leftmost, end: rightmost } = column.input;
  const frames = sliceAxis(sliceAxis(foldTime(group), 1, top, bottom - top), 2, leftmost, rightmost - leftmost);
  const output = runTile(f, unfoldTime(frames, group.shape[0]), plan, time, row, column);
  const fromAbove = above ? blendEdge(above, foldTime(output), plan.blend, 1) : foldTime(output);
  return left ? blendEdge(left, fromAbove, plan.blend, 2) : fromAbove;
}

/** The kept corners of a row of tiles, side by side. */
function bandOf(tiles: readonly Tensor4D[], plan: TilePlan, row: AxisTile): Tensor4D {
  return tidy(() =>
    concat(
      plan.columns.map((column, index) => sliceAxis(sliceAxis(tiles[index]!, 1, 0, kept(row)), 2, 0, kept(column))),
      2,
    ),
  );
}

function runTile(
  f: ClipFunction,
  tile: Tensor5D,
  plan: TilePlan,
  time: AxisTile,
  row: AxisTile = plan.rows[0]!,
  column: AxisTile = plan.columns[0]!,
): Tensor5D {
  const output = f(tile);
  const [, frames, height, width] = output.shape;
  if (frames !== time.made || height !== row.made || width !== column.made) {
    throw new ShapeError(
      `tiled: ${plan.direction} of a tile [${tile.shape}] must give ${time.made} frames of ${row.made} by ${column.made}, ` +
        `but gave [${output.shape}].`,
    );
  }
  return output;
}

function framesOf(clip: Tensor5D, { input }: AxisTile): Tensor5D {
  return tidy(() => sliceFrames(clip, input.begin, input.end));
}

function keptFrames(output: Tensor5D, time: AxisTile): Tensor5D {
  return kept(time) === time.made ? output : sliceFrames(output, time.made - kept(time), time.made);
}

function kept({ output }: AxisTile): number {
  return output.end - output.begin;
}
