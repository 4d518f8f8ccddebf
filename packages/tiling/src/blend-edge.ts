import { add, concat, mul, reshape, slice, tensor1d, type Tensor4D, tidy } from '@tensorflow/tfjs-core';

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
    const fade = fadeIn(shared, axis);
    const mixed = add(
      mul(stretch(before, axis, before.shape[axis] - shared, shared), fade.out),
      mul(stretch(tile, axis, 0, shared), fade.in),
    ) as Tensor4D;
    const rest = tile.shape[axis] - shared;
    return rest === 0 ? mixed : concat([mixed, stretch(tile, axis, shared, rest)], axis);
  });
}

/** `size` rows or columns of a tile, from `begin` on. */
export function stretch(tile: Tensor4D, axis: 1 | 2, begin: number, size: number): Tensor4D {
  const [frames, height, width, channels] = tile.shape;
  return axis === 1
    ? slice(tile, [0, begin, 0, 0], [frames, size, width, channels])
    : slice(tile, [0, 0, begin, 0], [frames, height, size, channels]);
}

function fadeIn(length: number, axis: 1 | 2): { in: Tensor4D; out: Tensor4D } {
  const shape: [number, number, number, number] = axis === 1 ? [1, length, 1, 1] : [1, 1, length, 1];
  const weights = Array.from({ length }, (_, index) => index / length);
  return {
    in: reshape(tensor1d(weights, 'float32'), shape),
    out: reshape(
      tensor1d(
        weights.map((weight) => 1 - weight),
        'float32',
      ),
      shape,
    ),
  };
}
