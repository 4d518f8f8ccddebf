import { add, concat, mul, tensor4d, type Tensor4D, tidy } from '@tensorflow/tfjs-core';

import { sliceAxis } from './slice-axis.ts';

/**
 * A tile whose first rows (axis 1) or columns (axis 2) fade in from the last ones of the tile before it.
 *
 * Of `extent` rows, or fewer where a tile is shorter, row `y` is `before * (1 - y / extent) + tile * (y / extent)`: the first
 * one is wholly the other tile's.
 *
 * @param before `[frames, height, width, channels]`, as `tile`
 */
export function blendEdge(before: Tensor4D, tile: Tensor4D, extent: number, axis: 1 | 2): Tensor4D {
  return tidy('blendEdge', () => {
    const shared = Math.min(before.shape[axis], tile.shape[axis], extent);
    if (shared === 0) return tile.clone();
    const fadeIn = Array.from({ length: shared }, (_, index) => index / shared);
    const fadeOut = fadeIn.map((part) => 1 - part);
    const mixed = add<Tensor4D>(
      mul(sliceAxis(before, axis, before.shape[axis] - shared, shared), along(axis, fadeOut)),
      mul(sliceAxis(tile, axis, 0, shared), along(axis, fadeIn)),
    );
    const rest = tile.shape[axis] - shared;
    return rest === 0 ? mixed : concat([mixed, sliceAxis(tile, axis, shared, rest)], axis);
  });
}

function along(axis: 1 | 2, values: number[]): Tensor4D {
  return tensor4d(values, axis === 1 ? [1, values.length, 1, 1] : [1, 1, values.length, 1], 'float32');
}
