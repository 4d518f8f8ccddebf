import type { KernelConfig, NamedAttrMap, NamedTensorInfoMap } from '@tensorflow/tfjs-core';

import type { SimdBackend } from '../simd-backend.ts';
import { type Border, convolutionGeometry } from './causal-conv3d.ts';
import { channelSums } from './channel-sums.ts';
import { convolveBack } from './convolve-back.ts';
import { filterGradient } from './filter-gradient.ts';

/** `CausalConv3DBackpropInput`: the gradient of the clip. */
export const causalConv3dBackpropInput: KernelConfig = {
  kernelName: 'CausalConv3DBackpropInput',
  backendName: 'simd',
  kernelFunc: ({ inputs, attrs, backend }) => {
    const simd = backend as SimdBackend;
    const { info, values } = simd.output(inputs['x']!.shape);
    const dy = simd.sharedValues(inputs['dy']!);
    convolveBack(simd, { geometry: geometryOf(inputs, attrs), weight: inputs['weight']!, dy, dx: values });
    return info;
  },
};

/** `CausalConv3DBackpropFilter`: the gradient of the kernel. */
export const causalConv3dBackpropFilter: KernelConfig = {
  kernelName: 'CausalConv3DBackpropFilter',
  backendName: 'simd',
  kernelFunc: ({ inputs, attrs, backend }) =>
    filterGradient(backend as SimdBackend, geometryOf(inputs, attrs), inputs, inputs['weight']!.shape),
};

/** `CausalConv3DBackpropBias`: the gradient of the bias. */
export const causalConv3dBackpropBias: KernelConfig = {
  kernelName: 'CausalConv3DBackpropBias',
  backendName: 'simd',
  kernelFunc: ({ inputs, backend }) => channelSums(backend as SimdBackend, inputs['dy']!),
};

function geometryOf(inputs: NamedTensorInfoMap, attrs: NamedAttrMap | undefined) {
  const { strides, border } = attrs as unknown as { strides: number[]; border: Border };
  return convolutionGeometry(inputs['x']!.shape, inputs['weight']!.shape, { strides, border });
}
