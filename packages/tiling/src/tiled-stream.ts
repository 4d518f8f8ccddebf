import type { LongCallOptions } from '@od-vae/core';
import type { Tensor5D } from '@tensorflow/tfjs-core';

import { checkTiling } from './check-tiling.ts';
import type { ClipFunction, SteppedClipFunction } from './clip-function.ts';
import { planTiles, type PlanRequest, type TilingOptions } from './plan-tiles.ts';
import { runSteps } from './run-steps.ts';
import { tileSteps, type TileStep } from './tile-steps.ts';
import { type Window, windows } from './windows.ts';

/** How a stream of frames becomes clips, and clips are tiled. */
export interface TiledStreamOptions<Item> extends TilingOptions, LongCallOptions {
  /** A fresh clip `[batch, time, height, width, channels]` of these frames, one item a frame; it is freed after its group. */
  readonly toClip: (items: readonly Item[]) => Tensor5D;
  /** Called once for each item that is not needed any more. */
  readonly release?: ((item: Item) => void) | undefined;
}

/** How {@link tiledGroups} runs; groups that are known already need not be computed again. */
export interface TiledGroupsOptions<Item> extends TiledStreamOptions<Item> {
  /** Says of a group, counted from 0, that it is not to be computed; its items are taken from the stream all the same. */
  readonly skip?: ((index: number) => boolean) | undefined;
}

/** One group of a stream. */
export interface TiledGroup {
  /** Counted from 0. */
  readonly index: number;
  /** How many items it was made of, the one that it shares with the group before included. */
  readonly items: number;
  /** What `f` made of it; undefined where it was skipped. */
  readonly output: Tensor5D | undefined;
}

/**
 * What `tiled` gives for the whole clip, group by group while the frames come in: memory is bounded by one group.
 *
 * A group's output is freed when the next one is asked for. Progress counts tiles, of an unknown total.
 *
 * @param items frames of a video for an encoder, latent frames for a decoder
 */
export async function* tiledStream<Item>(
  f: ClipFunction | SteppedClipFunction,
  items: AsyncIterable<Item> | Iterable<Item>,
  options: TiledStreamOptions<Item>,
): AsyncGenerator<Tensor5D, void, undefined> {
  for await (const { output } of tiledGroups(f, items, options)) yield output!;
}

/**
 * `tiledStream` for work that goes on where it stopped: groups that `skip` names are counted and not computed.
 *
 * Groups do not depend on one another, so those that are computed are the same, skipped ones or not.
 */
export async function* tiledGroups<Item>(
  f: ClipFunction | SteppedClipFunction,
  items: AsyncIterable<Item> | Iterable<Item>,
  { toClip, release, signal, onProgress, skip = () => false, ...options }: TiledGroupsOptions<Item>,
): AsyncGenerator<TiledGroup, void, undefined> {
  const { direction, tiling, temporalStride = 4, spatialStride = 8 } = options;
  checkTiling(tiling, { temporalStride, spatialStride });
  const [size, leastNew] = direction === 'encode' ? [tiling.frames, temporalStride] : [tiling.latents, 1];
  let done = 0;
  const onStep = (step: TileStep) => {
    if (step !== 'tile') return;
    done += 1;
    onProgress?.({ phase: direction, done, total: undefined });
  };
  const compute = async (window: Window<Item>): Promise<Tensor5D> => {
    const clip = toClip(window.items);
    try {
      const [, time, height, width] = clip.shape;
      const plan = planTiles({ ...options, time, height, width, part: partOf(window) });
      return await runSteps(tileSteps(f, clip, plan), { signal, onStep });
    } finally {
      clip.dispose();
    }
  };
  for await (const window of windows(items, { size, leastNew, release })) {
    const output = skip(window.index) ? undefined : await compute(window);
    try {
      yield { index: window.index, items: window.items.length, output };
    } finally {
      output?.dispose();
    }
  }
}

function partOf({ index, isLast }: { index: number; isLast: boolean }): PlanRequest['part'] {
  if (index > 0) return 'later';
  return isLast ? undefined : 'first';
}
