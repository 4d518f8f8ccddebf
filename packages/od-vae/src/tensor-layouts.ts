import { ShapeError } from '@od-vae/core';
import { type Tensor5D, transpose } from '@tensorflow/tfjs-core';

/**
 * Converts a clip or latents from `[batch, time, height, width, channels]` to PyTorch's
 * `[batch, channels, time, height, width]`. The caller disposes the result.
 *
 * @throws ShapeError when the tensor does not have five axes
 */
export function toPyTorch(clip: Tensor5D): Tensor5D {
  assertRank('toPyTorch', '[batch, time, height, width, channels]', clip);
  return transpose(clip, [0, 4, 1, 2, 3]);
}

/**
 * Converts a clip or latents from PyTorch's `[batch, channels, time, height, width]` to
 * `[batch, time, height, width, channels]`. The caller disposes the result.
 *
 * @throws ShapeError when the tensor does not have five axes
 */
export function fromPyTorch(clip: Tensor5D): Tensor5D {
  assertRank('fromPyTorch', '[batch, channels, time, height, width]', clip);
  return transpose(clip, [0, 2, 3, 4, 1]);
}

function assertRank(caller: string, layout: string, { shape }: { readonly shape: readonly number[] }): void {
  if (shape.length !== 5) throw new ShapeError(`${caller}: the tensor must be ${layout}, but is [${shape}].`);
}
