import { sizeOf } from '@od-vae/core';

import type { SimdBackend } from '../simd-backend.ts';
import { orStock } from './or-stock.ts';

/**
 * `Reshape` of float32 tensors: the same values under another shape. The stock kernel does the same, but looks at the values,
 * and memory that was looked at is not used again.
 */
export const reshape = orStock('Reshape', ({ inputs, attrs, backend }) => {
  const x = inputs['x']!;
  const { shape } = attrs as unknown as { shape: number[] };
  const missing = shape.findIndex((length) => length < 0);
  if (x.dtype !== 'float32' || (missing < 0 && sizeOf(shape) !== sizeOf(x.shape))) return undefined;
  (backend as SimdBackend).incRef(x.dataId);
  const full = shape.map((length, axis) => (axis === missing ? sizeOf(x.shape) / -sizeOf(shape) : length));
  return { dataId: x.dataId, shape: full, dtype: x.dtype };
});

/** `Identity` of float32 tensors, which does not look at the values either. */
export const identity = orStock('Identity', ({ inputs, backend }) => {
  const { dataId, shape, dtype } = inputs['x']!;
  if (dtype !== 'float32') return undefined;
  (backend as SimdBackend).incRef(dataId);
  return { dataId, shape, dtype };
});
