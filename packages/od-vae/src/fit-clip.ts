import { foldTime, ShapeError } from '@od-vae/core';
import { concat, type Rank, reshape, slice, type Tensor4D, type Tensor5D, tidy } from '@tensorflow/tfjs-core';

import { type Extent, fittedExtent, type FramePolicy, type ModelStrides } from './frame-policy.ts';

/** The extent of a clip `[batch, time, height, width, channels]`. */
export function extentOf({ shape: [, frames, height, width] }: Tensor5D): Extent {
  return { frames, height, width };
}

/**
 * A clip as the model takes it: its last frame, row and column repeated, or what is over dropped. A fresh tensor.
 *
 * @throws ShapeError when the clip is smaller than one latent, or does not fit and the policy is `error`.
 */
export function fitClip(clip: Tensor5D, strides: ModelStrides, policy: FramePolicy): Tensor5D {
  if (clip.rank !== 5) {
    throw new ShapeError(`encode: needs [batch, time, height, width, 3], but the clip is [${clip.shape}].`);
  }
  return resizeClip(clip, fittedExtent('encode', extentOf(clip), strides, policy));
}

/** A clip cut, or continued with its last frame, row and column, to an extent. A fresh tensor. */
export function resizeClip(clip: Tensor5D, { frames, height, width }: Extent): Tensor5D {
  return tidy('resizeClip', () => {
    const [batch, time, , , channels] = clip.shape;
    const pictures = fitAxis(fitAxis(foldTime(clip), 1, height), 2, width);
    // The frames of a sample lie side by side as rows of a rank-4 tensor while their number changes.
    const rows = reshape<Rank.R4>(pictures, [batch, time, height * width * channels, 1]);
    const fitted = fitAxis(rows, 1, frames);
    return reshape<Rank.R5>(fitted, [batch, frames, height, width, channels]);
  });
}

function fitAxis(x: Tensor4D, axis: number, length: number): Tensor4D {
  const current = x.shape[axis]!;
  const part = (begin: number, size: number) => {
    const starts = x.shape.map((_, index) => (index === axis ? begin : 0));
    return slice(
      x,
      starts,
      x.shape.map((side, index) => (index === axis ? size : side)),
    );
  };
  if (length === current) return x;
  if (length < current) return part(0, length);
  const edge = part(current - 1, 1);
  return concat([x, ...Array<Tensor4D>(length - current).fill(edge)], axis);
}
