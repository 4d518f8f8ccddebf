import { reshape, slice, type Tensor, type Tensor4D, type Tensor5D } from '@tensorflow/tfjs-core';

import { ShapeError } from './errors.ts';

// Rank 4 is what every backend computes right: on webgpu, rank-5 padding, slice gradients and broadcasts give zeros
// without an error (TensorFlow.js 4.22). So clips are folded for everything but bookkeeping.

/** `[batch, time, height, width, channels]` as `[batch * time, height, width, channels]`. */
export function foldTime(clip: Tensor5D): Tensor4D {
  const [batch, time, height, width, channels] = clip.shape;
  return reshape(clip, [batch * time, height, width, channels]);
}

/** `[batch * time, height, width, channels]` as `[batch, time, height, width, channels]`. */
export function unfoldTime(frames: Tensor4D, batch: number): Tensor5D {
  const [count, height, width, channels] = frames.shape;
  return reshape(frames, [batch, count / batch, height, width, channels]);
}

/** Frames `begin` to `end` (exclusive) of a clip. */
export function sliceFrames(clip: Tensor5D, begin: number, end: number): Tensor5D {
  const [batch, time, height, width, channels] = clip.shape;
  if (begin < 0 || end > time || begin >= end) {
    throw new ShapeError(`sliceFrames: frames ${begin} to ${end} were asked for, but the clip has ${time}.`);
  }
  const area = height * width * channels;
  const rows = slice(reshape(clip, [batch, time, area]), [0, begin, 0], [batch, end - begin, area]);
  return reshape(rows, [batch, end - begin, height, width, channels]);
}

/** `f(x)`, with `x` freed: for the large tensors between two ops, which a scope would hold until its end. */
export function consume<In extends Tensor, Out extends Tensor>(x: In, f: (x: In) => Out): Out {
  const result = f(x);
  x.dispose();
  return result;
}
