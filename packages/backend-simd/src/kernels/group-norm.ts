import type { KernelConfig, NamedTensorInfoMap, TensorInfo } from '@tensorflow/tfjs-core';

import { type SimdBackend } from '../simd-backend.ts';
import { sharedDoubles, sharedFloats } from '../shared-floats.ts';
import { type NormalizationLayout, normalizationLayout } from '../tasks/normalization.ts';

/** `GroupNorm`: each sample and group of channels to mean 0 and variance 1, then scaled. */
export const groupNorm: KernelConfig = {
  kernelName: 'GroupNorm',
  backendName: 'simd',
  kernelFunc: ({ inputs, attrs, backend }) =>
    normalize(backend as SimdBackend, inputs, attrs as unknown as NormAttributes, 'none'),
};

/** `GroupNormSilu`: the same, then `y * sigmoid(y)`. */
export const groupNormSilu: KernelConfig = {
  kernelName: 'GroupNormSilu',
  backendName: 'simd',
  kernelFunc: ({ inputs, attrs, backend }) =>
    normalize(backend as SimdBackend, inputs, attrs as unknown as NormAttributes, 'silu'),
};

interface NormAttributes {
  groups: number;
  epsilon: number;
}

function normalize(
  backend: SimdBackend,
  inputs: NamedTensorInfoMap,
  { groups, epsilon }: NormAttributes,
  activation: 'none' | 'silu',
): TensorInfo {
  const x = inputs['x']!;
  const [batch, time, height, width, channels] = x.shape as [number, number, number, number, number];
  const layout = normalizationLayout(batch, time * height * width, channels, groups);
  const jobs = batch * layout.chunks;
  const sums = sharedDoubles(jobs * groups * 2);
  const values = backend.sharedValues(x);
  backend.pool.run('groupMoments', { layout, x: values, sums }, jobs);
  const affine = { scale: backend.sharedValues(inputs['scale']!), bias: backend.sharedValues(inputs['bias']!) };
  return backend.defer({ source: x, scale: { layout, activation, ...channelScales(layout, sums, affine, epsilon) } });
}

/** What each channel of each sample is multiplied by, and what is added then. */
function channelScales(
  { batch, pixels, channels, groups, chunks }: NormalizationLayout,
  sums: Float64Array,
  { scale, bias }: { scale: Float32Array; bias: Float32Array },
  epsilon: number,
): { gains: Float32Array; shifts: Float32Array } {
  const gains = sharedFloats(batch * channels);
  const shifts = sharedFloats(batch * channels);
  const perGroup = channels / groups;
  for (let sample = 0; sample < batch; sample++) {
    for (let group = 0; group < groups; group++) {
      let [sum, squares] = [0, 0];
      for (let chunk = 0; chunk < chunks; chunk++) {
        const at = ((sample * chunks + chunk) * groups + group) * 2;
        sum += sums[at]!;
        squares += sums[at + 1]!;
      }
      const mean = sum / (pixels * perGroup);
      const variance = Math.max(0, squares / (pixels * perGroup) - mean * mean);
      for (let channel = group * perGroup; channel < (group + 1) * perGroup; channel++) {
        const gain = scale[channel]! / Math.sqrt(variance + epsilon);
        gains[sample * channels + channel] = gain;
        shifts[sample * channels + channel] = bias[channel]! - mean * gain;
      }
    }
  }
  return { gains, shifts };
}
