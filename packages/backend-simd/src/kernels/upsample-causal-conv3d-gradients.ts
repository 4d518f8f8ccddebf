import type { KernelConfig, NamedAttrMap, NamedTensorInfoMap } from '@tensorflow/tfjs-core';

import type { SimdBackend } from '../simd-backend.ts';
import type { Enlargement } from '../tasks/convolution-geometry.ts';
import { convolutionGeometry } from './causal-conv3d.ts';
import { channelSums } from './channel-sums.ts';
import { convolveBack } from './convolve-back.ts';
import { filterGradient } from './filter-gradient.ts';

/** `UpsampleCausalConv3DBackpropInput`: the gradient of the clip before it was enlarged. */
export const upsampleCausalConv3dBackpropInput: KernelConfig = {
  kernelName: 'UpsampleCausalConv3DBackpropInput',
  backendName: 'simd',
  kernelFunc: ({ inputs, attrs, backend }) => {
    const simd = backend as SimdBackend;
    const geometry = geometryOf(inputs, attrs);
    const { batch, input, source, channels } = geometry;
    const larger = simd.arena.take(batch * input.time * input.height * input.width * channels);
    const dy = simd.sharedValues(inputs['dy']!);
    convolveBack(simd, { geometry, weight: inputs['weight']!, dy, dx: larger });
    const { info, values } = simd.output(inputs['x']!.shape);
    simd.pool.run('shrink', { geometry, x: larger, y: values }, batch * source.time);
    simd.arena.give(larger);
    return info;
  },
};

/** `UpsampleCausalConv3DBackpropFilter`: the gradient of the kernel; the clip is enlarged while its tiles are read. */
export const upsampleCausalConv3dBackpropFilter: KernelConfig = {
  kernelName: 'UpsampleCausalConv3DBackpropFilter',
  backendName: 'simd',
  kernelFunc: ({ inputs, attrs, backend }) =>
    filterGradient(backend as SimdBackend, geometryOf(inputs, attrs), inputs, inputs['weight']!.shape),
};

/** `UpsampleCausalConv3DBackpropBias`: the gradient of the bias. */
export const upsampleCausalConv3dBackpropBias: KernelConfig = {
  kernelName: 'UpsampleCausalConv3DBackpropBias',
  backendName: 'simd',
  kernelFunc: ({ inputs, backend }) => channelSums(backend as SimdBackend, inputs['dy']!),
};

function geometryOf(inputs: NamedTensorInfoMap, attrs: NamedAttrMap | undefined) {
  const { time, mode } = attrs as unknown as Enlargement;
  return convolutionGeometry(inputs['x']!.shape, inputs['weight']!.shape, {
    strides: [1, 1, 1],
    border: 'around',
    enlargement: { time, mode },
  });
}
