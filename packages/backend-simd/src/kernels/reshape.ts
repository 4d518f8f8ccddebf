import { sizeOf } from '@od-vae/core';
import { getKernel, type KernelConfig } from '@tensorflow/tfjs-core';

import { type SimdBackend } from '../simd-backend.ts';

/**
 * `Reshape` of float32 tensors: the same values under another shape. The stock kernel does the same, but looks at the values,
 * and memory that was looked at is not used again.
 */
export const reshape: KernelConfig = {
  kernelName: 'Reshape',
  backendName: 'simd',
  kernelFunc: (call) => {
    const x = call.inputs['x']!;
    const { shape } = call.attrs as unknown as { shape: number[] };
    const missing = shape.findIndex((length) => length < 0);
    if (x.dtype !== 'float32' || (missing < 0 && sizeOf(shape) !== sizeOf(x.shape))) {
      return getKernel('Reshape', 'cpu').kernelFunc(call);
    }
    (call.backend as SimdBackend).incRef(x.dataId);
    const full = shape.map((length, axis) => (axis === missing ? sizeOf(x.shape) / -sizeOf(shape) : length));
    return { dataId: x.dataId, shape: full, dtype: x.dtype };
  },
};

/** `Identity` of float32 tensors, which does not look at the values either. */
export const identity: KernelConfig = {
  kernelName: 'Identity',
  backendName: 'simd',
  kernelFunc: (call) => {
    const { dataId, shape, dtype } = call.inputs['x']!;
    if (dtype !== 'float32') return getKernel('Identity', 'cpu').kernelFunc(call);
    (call.backend as SimdBackend).incRef(dataId);
    return { dataId, shape, dtype };
  },
};
