import { foldTime, ShapeError, sliceFrames, unfoldTime } from '@od-vae/core';
import { concat, dispose, Tensor, type Tensor4D, type Tensor5D, tidy } from '@tensorflow/tfjs-core';

import { blendEdge } from './blend-edge.ts';
import type { ClipFunction, SteppedClipFunction } from './clip-function.ts';
import type { TilePlan } from './plan-tiles.ts';
import { sliceAxis } from './slice-axis.ts';
import type { AxisTile } from './spatial-tiles.ts';

/** What a step of a tiled call was: a whole tile, or a part of one. */
export type TileStep = 'tile' | 'part';

/**
 * Runs a plan tile by tile, with the steps of `f` in between, and gives the result when it is done.
 *
 * A caller that stops early ends the generator, which frees everything; the result is the caller's.
 */
export function* tileSteps(
  f: ClipFunction | SteppedClipFunction,
  clip: Tensor5D,
  plan: TilePlan,
): Generator<TileStep, Tensor5D, undefined> {
  const isWhole = plan.rows.length === 1 && plan.columns.length === 1;
  const parts: Tensor5D[] = [];
  try {
    for (const time of plan.times) {
      if (isWhole) {
        const output = yield* runTile(f, framesOf(clip, time), {
          plan,
          time,
          row: plan.rows[0]!,
          column: plan.columns[0]!,
        });
        parts.push(keptFrames(output, time));
        yield 'tile';
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
  f: ClipFunction | SteppedClipFunction,
  clip: Tensor5D,
  plan: TilePlan,
  time: AxisTile,
): Generator<TileStep, Tensor5D, undefined> {
  const group = framesOf(clip, time);
  const bands: Tensor4D[] = [];
  let above: Tensor4D[] = [];
  let current: Tensor4D[] = [];
  try {
    for (const row of plan.rows) {
      for (const [index, column] of plan.columns.entries()) {
        const output = yield* runTile(f, cutOut(group, row, column), { plan, time, row, column });
        current.push(blended(output, plan.blend, above[index], current[index - 1]));
        yield 'tile';
      }
      bands.push(bandOf(current, plan, row));
      dispose(above);
      above = current;
      current = [];
    }
    return keptFrames(
      tidy(() => unfoldTime(concat(bands, 1), clip.shape[0])),
      time,
    );
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

function cutOut(group: Tensor5D, row: AxisTile, column: AxisTile): Tensor5D {
  const { begin: top, end: bottom } = row.input;
  const { begin: left, end: right } = column.input;
  return tidy(() => {
    const frames = sliceAxis(sliceAxis(foldTime(group), 1, top, bottom - top), 2, left, right - left);
    return unfoldTime(frames, group.shape[0]);
  });
}

/** A tile that has faded in from the one above, then from the one to the left, both of which are blended already. */
function blended(output: Tensor5D, blend: number, above: Tensor4D | undefined, left: Tensor4D | undefined): Tensor4D {
  const result = tidy(() => {
    const fromAbove = above ? blendEdge(above, foldTime(output), blend, 1) : foldTime(output);
    return left ? blendEdge(left, fromAbove, blend, 2) : fromAbove;
  });
  output.dispose();
  return result;
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

/** One call of `f`, on a tile that it frees. */
function* runTile(
  f: ClipFunction | SteppedClipFunction,
  tile: Tensor5D,
  { plan, time, row, column }: TilePlace,
): Generator<TileStep, Tensor5D, undefined> {
  let output: Tensor5D;
  try {
    const result = tidy(() => f(tile) as Tensor5D);
    const made = result instanceof Tensor ? result : yield* partsOf(result);
    output = made === tile ? made.clone() : made;
  } finally {
    tile.dispose();
  }
  const [, frames, height, width] = output.shape;
  if (frames !== time.made || height !== row.made || width !== column.made) {
    const { shape } = output;
    output.dispose();
    throw new ShapeError(
      `tiled: ${plan.direction} of a tile [${tile.shape}] must give ${time.made} frames of ${row.made} by ${column.made}, ` +
        `but gave [${shape}].`,
    );
  }
  return output;
}

function* partsOf(steps: Generator<unknown, Tensor5D, undefined>): Generator<TileStep, Tensor5D, undefined> {
  try {
    for (let step = steps.next(); ; step = steps.next()) {
      if (step.done) return step.value;
      yield 'part';
    }
  } finally {
    // Ignored by a generator that has ended; one that has not frees what it holds.
    steps.return(undefined as never);
  }
}

function framesOf(clip: Tensor5D, { input }: AxisTile): Tensor5D {
  return tidy(() => sliceFrames(clip, input.begin, input.end));
}

/** The frames of a group that are not dropped; frees what it was given. */
function keptFrames(output: Tensor5D, time: AxisTile): Tensor5D {
  if (kept(time) === time.made) return output;
  const frames = tidy(() => sliceFrames(output, time.made - kept(time), time.made));
  output.dispose();
  return frames;
}

function kept({ output }: AxisTile): number {
  return output.end - output.begin;
}
