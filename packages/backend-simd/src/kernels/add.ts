import { getKernel, type KernelConfig, type TensorInfo } from '@tensorflow/tfjs-core';

import { type SimdBackend } from '../simd-backend.ts';
import { ADDITION_CHUNK } from '../tasks/addition.ts';

/** `Add` of two float32 tensors of one shape on all threads; anything else is the stock kernel's. */
export const add: KernelConfig = {
  kernelName: 'Add',
  backendName: 'simd',
  kernelFunc: (call) => {
    const [a, b] = [call.inputs['a']!, call.inputs['b']!];
    if (!alike(a, b)) return getKernel('Add', 'cpu').kernelFunc(call);
    const backend = call.backend as SimdBackend;
    const { info, values } = backend.output(a.shape);
    const inputs = { a: backend.sharedValues(a), b: backend.sharedValues(b), y: values };
    backend.pool.run('addition', inputs, Math.ceil(values.length / ADDITION_CHUNK));
    return info;
  },
};

function alike(a: TensorInfo, b: TensorInfo): boolean {
  return a.dtype === 'float32' && b.dtype === 'float32' && a.shape.join() === b.shape.join();
}
