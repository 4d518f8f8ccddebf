import type { LongCallOptions } from '@od-vae/core';
import { DiagonalGaussian, strides } from '@od-vae/models';
import { paperTiling, tiledStream, type Tiling } from '@od-vae/tiling';
import type { Frame } from '@od-vae/video';
import type { Tensor5D } from '@tensorflow/tfjs-core';

import type { LatentChunk } from './latents.ts';
import { type Model, steppedEncoder } from './model.ts';
import { clipOfFrames } from './pixels.ts';
import { tileProgress } from './tile-progress.ts';

/** Which latents of the posterior are taken. */
export interface PosteriorOptions {
  /** Draws latents instead of taking the most probable ones. */
  sample?: boolean | undefined;
  /** Seed of the draw; group `n` of a tiled clip draws with `seed + n`. */
  seed?: number | undefined;
}

/** Options of calls that encode or decode piece by piece. */
export interface TilingChoice {
  /** How clips are cut; videos by default into the paper's groups of 33 frames and 9 latents. */
  tiling?: Tiling | undefined;
}

/** What {@link encodeFrames} takes. */
export interface EncodeFramesOptions extends PosteriorOptions, TilingChoice, LongCallOptions {
  /** How many frames will come, for progress. */
  total?: number | undefined;
}

/**
 * Latents of a stream of frames, group by group; `4n + 1` frames with sides that are multiples of 8 must come.
 *
 * The first latents leave before the last frame is read.
 */
export async function* encodeFrames(
  model: Model,
  frames: AsyncIterable<Frame>,
  { sample = false, seed = 0, tiling = paperTiling, total, onProgress, signal }: EncodeFramesOptions = {},
): AsyncGenerator<LatentChunk, void, undefined> {
  const { time, space } = strides(model.config);
  const progress = tileProgress('encode', { total, onProgress, framesOf: (count) => count });
  const groups = tiledStream(steppedEncoder(model, progress.onPart), frames, {
    direction: 'encode',
    tiling,
    temporalStride: time,
    spatialStride: space,
    toClip: (items: readonly Frame[]) => {
      progress.startGroup(items.length, items[0]!.height * items[0]!.width);
      return clipOfFrames(items);
    },
    signal,
  });
  let group = 0;
  for await (const moments of groups) {
    yield await latentsOf(moments, sample ? { seed: seed + group } : undefined);
    group += 1;
  }
}

async function latentsOf(moments: Tensor5D, draw: { seed: number } | undefined): Promise<LatentChunk> {
  const posterior = new DiagonalGaussian(moments);
  try {
    const latents = draw ? posterior.sample(draw) : posterior.mode();
    const [, time, height, width, channels] = latents.shape;
    try {
      return { data: (await latents.data()) as Float32Array, shape: [time, height, width, channels] };
    } finally {
      latents.dispose();
    }
  } finally {
    posterior.dispose();
  }
}
