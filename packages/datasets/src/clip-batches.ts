import { ShapeError } from '@od-vae/core';
import { tensor5d, type Tensor5D } from '@tensorflow/tfjs-core';

import type { VideoClip } from './crop-clip.ts';
import { readAhead } from './read-ahead.ts';

/** How clips become the batches of steps. */
export interface BatchOptions {
  /** Clips of a batch. */
  readonly batch: number;
  /** Batches of a step, whose gradients are averaged; 1. */
  readonly accumulate?: number | undefined;
  /** Steps that are read ahead; 2. */
  readonly ahead?: number | undefined;
}

/** The batches of each step, counted from 1: tensors `[batch, time, height, width, 3]` in [-1, 1] that the caller frees. */
export function clipBatches(
  clipAt: (index: number) => Promise<VideoClip>,
  { batch, accumulate = 1, ahead = 2 }: BatchOptions,
): (step: number) => Promise<Tensor5D[]> {
  const clipsPerStep = batch * accumulate;
  const clipsOf = readAhead(async (step: number) => {
    const clips: VideoClip[] = [];
    for (let index = 0; index < clipsPerStep; index++) clips.push(await clipAt((step - 1) * clipsPerStep + index));
    return clips;
  }, ahead);
  return async (step) => {
    const clips = await clipsOf(step);
    return Array.from({ length: accumulate }, (_, part) => clipTensor(clips.slice(part * batch, (part + 1) * batch)));
  };
}

/** Clips of one shape as a tensor `[count, time, height, width, 3]` in [-1, 1]. */
export function clipTensor(clips: readonly VideoClip[]): Tensor5D {
  const { frames, height, width, data } = clips[0]!;
  const values = new Float32Array(clips.length * data.length);
  for (const [index, clip] of clips.entries()) {
    if (clip.data.length !== data.length || clip.width !== width) {
      throw new ShapeError(
        `clipTensor: all clips need ${frames} frames of ${width}x${height}, but one has ${clip.frames} of ` +
          `${clip.width}x${clip.height}.`,
      );
    }
    for (let i = 0; i < data.length; i++) values[index * data.length + i] = (clip.data[i]! / 255) * 2 - 1;
  }
  return tensor5d(values, [clips.length, frames, height, width, 3]);
}
