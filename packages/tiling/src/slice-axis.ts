import { slice, type Tensor4D } from '@tensorflow/tfjs-core';

/** `size` rows (axis 1) or columns (axis 2) of `[frames, height, width, channels]`, from `begin` on. */
export function sliceAxis(frames: Tensor4D, axis: 1 | 2, begin: number, size: number): Tensor4D {
  const [count, height, width, channels] = frames.shape;
  return axis === 1
    ? slice(frames, [0, begin, 0, 0], [count, size, width, channels])
    : slice(frames, [0, 0, begin, 0], [count, height, size, channels]);
}
