import { getKernel, type KernelConfig, type KernelFunc, type TensorInfo } from '@tensorflow/tfjs-core';

/** A kernel of one of TensorFlow.js's ops: what `compute` gives, and the stock kernel's result where that is nothing. */
export function orStock(
  kernelName: string,
  compute: (call: Parameters<KernelFunc>[0]) => TensorInfo | TensorInfo[] | undefined,
): KernelConfig {
  return {
    kernelName,
    backendName: 'simd',
    kernelFunc: (call) => compute(call) ?? getKernel(kernelName, 'cpu').kernelFunc(call),
  };
}
