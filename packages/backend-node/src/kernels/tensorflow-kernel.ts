import { type KernelConfig, type NamedTensorMap, type Tensor, tidy } from '@tensorflow/tfjs-core';

import type { TensorflowBackend } from '../native/tensorflow-backend.ts';

/** A kernel of the backend `tensorflow`: what `body` gives, and nothing else that it makes, outlives the call. */
export function tensorflowKernel<Inputs extends NamedTensorMap, Attributes extends object>(
  kernelName: string,
  body: (backend: TensorflowBackend, inputs: Inputs, attributes: Attributes) => Tensor | Tensor[],
): KernelConfig {
  return {
    kernelName,
    backendName: 'tensorflow',
    kernelFunc: ({ inputs, attrs, backend }) =>
      tidy(kernelName, () => body(backend as TensorflowBackend, inputs as Inputs, attrs as unknown as Attributes)),
  };
}
