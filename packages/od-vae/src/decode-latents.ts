import { type LongCallOptions, ShapeError } from '@od-vae/core';
import { strides } from '@od-vae/models';
import { paperTiling, tiledStream } from '@od-vae/tiling';

import type { TilingChoice } from './encode-frames.ts';
import { clipOfLatents, type LatentChunk, type LatentFrame, latentFrames } from './latents.ts';
import { type Model, steppedDecoder } from './model.ts';
import { picturesOfClip, type RebuiltFrame } from './pixels.ts';
import { tileProgress } from './tile-progress.ts';

/** What {@link decodeLatents} takes. */
export interface DecodeLatentsOptions extends TilingChoice, LongCallOptions {
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
}

/** Pictures of a stream of latents, group by group; rows, columns and frames beyond those wanted are cut off. */
export async function* decodeLatents(
  model: Model,
  chunks: AsyncIterable<LatentChunk> | Iterable<LatentChunk>,
  {
    tiling = paperTiling,
    fps = 25,
    frames,
    total = frames,
    width,
    height,
    onProgress,
    signal,
  }: DecodeLatentsOptions = {},
): AsyncGenerator<RebuiltFrame, void, undefined> {
  const { time, space } = strides(model.config);
  const progress = tileProgress('decode', { total, onProgress, framesOf: (items) => (items - 1) * time + 1 });
  const groups = tiledStream(steppedDecoder(model, progress.onPart), latentFrames(chunks), {
    direction: 'decode',
    tiling,
    temporalStride: time,
    spatialStride: space,
    toClip: (items: readonly LatentFrame[]) => {
      const [rows, columns, channels] = items[0]!.shape;
      assertLatentChannels(channels, model.config.latentChannels);
      progress.startGroup(items.length, rows * columns);
      return clipOfLatents(items);
    },
    signal,
  });
  let count = 0;
  for await (const clip of groups) {
    const kept = {
      width: Math.min(width ?? Infinity, clip.shape[3]),
      height: Math.min(height ?? Infinity, clip.shape[2]),
    };
    for (const data of picturesOfClip((await clip.data()) as Float32Array, clip.shape, kept)) {
      if (count === frames) return;
      yield { ...kept, data, timestamp: count / fps };
      count += 1;
    }
  }
}

function assertLatentChannels(channels: number, expected: number): void {
  if (channels !== expected) {
    throw new ShapeError(`decodeLatents: the model needs latents of ${expected} channels, but ${channels} came.`);
  }
}
