import { type LongCallOptions, mixSeeds, randomSeed } from '@od-vae/core';
import { DiagonalGaussian, strides } from '@od-vae/models';
import { paperTiling, tiledGroups, type Tiling } from '@od-vae/tiling';
import type { Frame } from '@od-vae/video';
import type { Tensor, Tensor5D } from '@tensorflow/tfjs-core';

import type { GroupStore } from './group-store.ts';
import type { LatentChunk } from './latents.ts';
import { type Model, steppedEncoder } from './model.ts';
import { clipOfFrames } from './pixels.ts';
import { coveredArea, tileProgress } from './tile-progress.ts';

/** Which latents of the posterior are taken. */
export interface PosteriorOptions {
  /** Draws latents instead of taking the most probable ones. */
  sample?: boolean | undefined;
  /** Seed of the draw; a fresh one by default. Group `n` of a video draws with `mixSeeds(seed, n)`. */
  seed?: number | undefined;
}

/** Options of calls that encode or decode piece by piece. */
export interface TilingChoice {
  /** How clips are cut; videos by default into the paper's groups of 33 frames and 9 latents. */
  tiling?: Tiling | undefined;
}

/** What {@link encodeFrames} takes. */
export interface EncodeFramesOptions extends PosteriorOptions, TilingChoice, LongCallOptions {
  /** Gives mean and log-variance beside the latents. */
  keepPosterior?: boolean | undefined;
  /** How many frames will come, for progress. */
  total?: number | undefined;
  /** Groups that are known already, and where new ones are kept. */
  store?: GroupStore<LatentChunk> | undefined;
}

/**
 * Latents of a stream of frames, group by group; `4n + 1` frames with sides that are multiples of 8 must come.
 *
 * The first latents leave before the last frame is read.
 */
export async function* encodeFrames(
  model: Model,
  frames: AsyncIterable<Frame>,
  {
    sample = false,
    seed = randomSeed(),
    keepPosterior = false,
    tiling = paperTiling,
    total,
    store,
    onProgress,
    signal,
  }: EncodeFramesOptions = {},
): AsyncGenerator<LatentChunk, void, undefined> {
  const { time, space } = strides(model.config);
  const progress = tileProgress('encode', { total, onProgress, framesOf: (count) => count });
  const tiled = { direction: 'encode', tiling, temporalStride: time, spatialStride: space } as const;
  const groups = tiledGroups(steppedEncoder(model, progress.onPart), frames, {
    ...tiled,
    toClip: (items: readonly Frame[]) => {
      const { height, width } = items[0]!;
      progress.startGroup(items.length, coveredArea(tiled, { time: items.length, height, width }));
      return clipOfFrames(items);
    },
    skip: (index) => store?.has(index) ?? false,
    signal,
  });
  for await (const { index, items, output } of groups) {
    if (!output) {
      progress.skipGroup(items);
      yield await store!.read(index);
      continue;
    }
    const chunk = await chunkOf(output, sample ? { seed: mixSeeds(seed, index) } : undefined, keepPosterior);
    await store?.write(index, chunk);
    yield chunk;
  }
}

async function chunkOf(
  moments: Tensor5D,
  draw: { seed: number } | undefined,
  keepPosterior: boolean,
): Promise<LatentChunk> {
  using posterior = new DiagonalGaussian(moments);
  const latents = draw ? posterior.sample(draw) : posterior.mode();
  try {
    const [, time, height, width, channels] = latents.shape;
    const chunk = { data: await valuesOf(latents), shape: [time, height, width, channels] as const };
    if (!keepPosterior) return chunk;
    return { ...chunk, posterior: { mean: await valuesOf(posterior.mean), logvar: await valuesOf(posterior.logvar) } };
  } finally {
    latents.dispose();
  }
}

/** Values of a tensor that outlive it. */
async function valuesOf(tensor: Tensor): Promise<Float32Array> {
  return ((await tensor.data()) as Float32Array).slice();
}
