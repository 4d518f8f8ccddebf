import { type LongCallOptions, ShapeError } from '@od-vae/core';
import { strides } from '@od-vae/models';
import { paperTiling, type Tiling, tiledGroups } from '@od-vae/tiling';
import type { Tensor5D } from '@tensorflow/tfjs-core';

import type { TilingChoice } from './encode-frames.ts';
import { clipOfLatents, type LatentChunk, type LatentFrame, latentFrames } from './latents.ts';
import { type Model, steppedDecoder } from './model.ts';
import { passing } from './passing.ts';
import { picturesOfClip, type RebuiltFrame } from './pixels.ts';
import { type PlanChoice, planFor } from './plan-choice.ts';
import { coveredArea, tileProgress } from './tile-progress.ts';

/** What {@link decodeGroups} takes. */
export interface DecodeGroupsOptions extends TilingChoice, LongCallOptions {
  /** Frames a second, for the timestamps; 25 by default. */
  fps?: number | undefined;
  /** How many frames are wanted; all by default, `4n - 3` of `n` latent frames. */
  frames?: number | undefined;
  /** How many frames will come, for progress; `frames` by default. */
  total?: number | undefined;
  /** Columns that are kept, from the left; all by default. */
  width?: number | undefined;
  /** Rows that are kept, from the top; all by default. */
  height?: number | undefined;
  /** Says of a group, counted from 0, that it is not to be computed. */
  skip?: ((index: number) => boolean) | undefined;
}

/** What {@link decodeLatents} takes. */
export type DecodeLatentsOptions = Omit<DecodeGroupsOptions, 'skip'> & PlanChoice;

/** The pictures of one group of latents. */
export interface RebuiltGroup {
  /** Counted from 0. */
  readonly index: number;
  /** How many pictures it has. */
  readonly count: number;
  /** The pictures, to be gone through once; undefined where the group was skipped. */
  readonly pictures: Iterable<RebuiltFrame> | undefined;
}

/**
 * Pictures of a stream of latents, group by group; rows, columns and frames beyond those wanted are cut off.
 *
 * The first chunk says how large the pictures are, and so how they are cut to fit into memory.
 */
export async function* decodeLatents(
  model: Model,
  chunks: AsyncIterable<LatentChunk> | Iterable<LatentChunk>,
  { memory, onPlan, ...options }: DecodeLatentsOptions = {},
): AsyncGenerator<RebuiltFrame, void, undefined> {
  const { space } = strides(model.config);
  let tiling: Tiling | undefined;
  const planned = passing(chunks, ({ shape: [, rows, columns] }) => {
    const size = { width: columns * space, height: rows * space, frames: options.frames ?? options.total };
    tiling ??= planFor(model, { tiling: options.tiling, memory, onPlan }, size).tiling;
  });
  try {
    const first = await planned.next();
    if (first.done) return;
    const all = startingWith(first.value, planned);
    for await (const { pictures } of decodeGroups(model, all, { ...options, tiling })) yield* pictures!;
  } finally {
    await planned.return();
  }
}

async function* startingWith<Item>(first: Item, rest: AsyncIterable<Item>): AsyncGenerator<Item, void, undefined> {
  yield first;
  yield* rest;
}

/** {@link decodeLatents} with its groups kept apart, of which some may be left out. */
export async function* decodeGroups(
  model: Model,
  chunks: AsyncIterable<LatentChunk> | Iterable<LatentChunk>,
  {
    tiling = paperTiling,
    fps = 25,
    frames = Infinity,
    total = frames === Infinity ? undefined : frames,
    width,
    height,
    skip,
    onProgress,
    signal,
  }: DecodeGroupsOptions = {},
): AsyncGenerator<RebuiltGroup, void, undefined> {
  const { time, space } = strides(model.config);
  const framesOf = (items: number) => (items - 1) * time + 1;
  const progress = tileProgress('decode', { total, onProgress, framesOf });
  const tiled = { direction: 'decode', tiling, temporalStride: time, spatialStride: space } as const;
  const groups = tiledGroups(steppedDecoder(model, progress.onPart), latentFrames(chunks), {
    ...tiled,
    toClip: (items: readonly LatentFrame[]) => {
      const [height, width, channels] = items[0]!.shape;
      assertLatentChannels(channels, model.config.latentChannels);
      progress.startGroup(items.length, coveredArea(tiled, { time: items.length, height, width }));
      return clipOfLatents(items);
    },
    skip,
    signal,
  });
  let first = 0;
  for await (const { index, items, output } of groups) {
    // The first frame of every later group is that of the group before.
    const made = framesOf(items) - (index === 0 ? 0 : 1);
    const count = Math.min(made, frames - first);
    if (count <= 0) return;
    if (output) yield { index, count, pictures: await picturesOf(output, { count, first, fps, width, height }) };
    else {
      progress.skipGroup(items);
      yield { index, count, pictures: undefined };
    }
    first += count;
  }
}

interface PictureRange {
  count: number;
  /** Index of the first picture in the whole video. */
  first: number;
  fps: number;
  width: number | undefined;
  height: number | undefined;
}

async function picturesOf(
  clip: Tensor5D,
  { count, first, fps, width = Infinity, height = Infinity }: PictureRange,
): Promise<Iterable<RebuiltFrame>> {
  const kept = { width: Math.min(width, clip.shape[3]), height: Math.min(height, clip.shape[2]) };
  const values = (await clip.data()) as Float32Array;
  return (function* () {
    let index = 0;
    for (const data of picturesOfClip(values, clip.shape, kept)) {
      if (index === count) return;
      yield { ...kept, data, timestamp: (first + index) / fps };
      index += 1;
    }
  })();
}

function assertLatentChannels(channels: number, expected: number): void {
  if (channels !== expected) {
    throw new ShapeError(`decodeLatents: the model needs latents of ${expected} channels, but ${channels} came.`);
  }
}
