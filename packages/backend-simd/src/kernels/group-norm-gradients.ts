import type { KernelConfig, NamedTensorInfoMap, TensorInfo } from '@tensorflow/tfjs-core';

import { sharedDoubles, sharedFloats } from '../shared-floats.ts';
import type { SimdBackend } from '../simd-backend.ts';
import { type NormalizationLayout, normalizationLayout } from '../tasks/normalization.ts';

/** `GroupNormGrad`: the gradients of clip, scale and bias. */
export const groupNormGrad: KernelConfig = {
  kernelName: 'GroupNormGrad',
  backendName: 'simd',
  kernelFunc: ({ inputs, attrs, backend }) =>
    gradients(backend as SimdBackend, inputs, attrs as unknown as NormAttributes, 'none'),
};

/** `GroupNormSiluGrad`: the same through `y * sigmoid(y)`. */
export const groupNormSiluGrad: KernelConfig = {
  kernelName: 'GroupNormSiluGrad',
  backendName: 'simd',
  kernelFunc: ({ inputs, attrs, backend }) =>
    gradients(backend as SimdBackend, inputs, attrs as unknown as NormAttributes, 'silu'),
};

interface NormAttributes {
  groups: number;
  epsilon: number;
}

/** Three passes: statistics of the clip, sums of the gradients, the gradient of the clip. */
function gradients(
  backend: SimdBackend,
  inputs: NamedTensorInfoMap,
  { groups, epsilon }: NormAttributes,
  activation: 'none' | 'silu',
): TensorInfo[] {
  const clip = inputs['x']!;
  const [batch, time, height, width, channels] = clip.shape as [number, number, number, number, number];
  const layout = normalizationLayout(batch, time * height * width, channels, groups);
  const jobs = batch * layout.chunks;
  const [x, dy] = [backend.sharedValues(clip), backend.sharedValues(inputs['dy']!)];
  const moments = sharedDoubles(jobs * groups * 2);
  backend.pool.run('groupMoments', { layout, x, sums: moments }, jobs);
  const normed = normedBy(layout, moments, epsilon);
  const scale = perSample(layout, backend.plainValues(inputs['scale']!));
  const bias = perSample(layout, backend.plainValues(inputs['bias']!));
  const none = new Float32Array(batch * channels);
  const before = { ...normed, scale, bias, ofGradient: none, ofNormed: none, constant: none };
  const sums = sharedFloats(jobs * channels * 2);
  backend.pool.run('normSums', { layout, activation, coefficients: before, x, dy, sums }, jobs);
  const totals = totalsOf(layout, sums);
  const coefficients = { ...before, ...backThrough(layout, normed.deviation, scale, totals) };
  const { info, values: dx } = backend.output(clip.shape);
  backend.pool.run('normGradient', { layout, activation, coefficients, x, dy, dx }, jobs);
  const ofScale = sumOverSamples(layout, totals.products);
  const ofBias = sumOverSamples(layout, totals.gradients);
  return [info, ...[ofScale, ofBias].map((values) => backend.makeTensorInfo([channels], 'float32', values))];
}

/** Deviation and shift of each channel of each sample that make its group's mean 0 and its variance 1. */
function normedBy(
  { batch, pixels, channels, groups, chunks }: NormalizationLayout,
  sums: Float64Array,
  epsilon: number,
) {
  const deviation = new Float32Array(batch * channels);
  const shift = new Float32Array(batch * channels);
  const perGroup = channels / groups;
  for (let index = 0; index < batch * groups; index++) {
    const [sample, group] = [Math.floor(index / groups), index % groups];
    let [sum, squares] = [0, 0];
    for (let chunk = 0; chunk < chunks; chunk++) {
      const at = ((sample * chunks + chunk) * groups + group) * 2;
      sum += sums[at]!;
      squares += sums[at + 1]!;
    }
    const mean = sum / (pixels * perGroup);
    const variance = Math.max(0, squares / (pixels * perGroup) - mean * mean);
    const factor = 1 / Math.sqrt(variance + epsilon);
    const channel = sample * channels + group * perGroup;
    deviation.fill(factor, channel, channel + perGroup);
    shift.fill(-mean * factor, channel, channel + perGroup);
  }
  return { deviation, shift };
}

/** `[channels]` for each sample. */
function perSample({ batch, channels }: NormalizationLayout, values: Float32Array): Float32Array {
  return Float32Array.from({ length: batch * channels }, (_, index) => values[index % channels]!);
}

interface Totals {
  /** `[batch, channels]`: of the gradient before the activation, and of its products with the normed values. */
  readonly gradients: Float64Array;
  readonly products: Float64Array;
}

function totalsOf({ batch, channels, chunks }: NormalizationLayout, sums: Float32Array): Totals {
  const totals = { gradients: new Float64Array(batch * channels), products: new Float64Array(batch * channels) };
  for (let job = 0; job < batch * chunks; job++) {
    const to = Math.floor(job / chunks) * channels;
    for (let channel = 0; channel < channels; channel++) {
      totals.gradients[to + channel]! += sums[(job * channels + channel) * 2]!;
      totals.products[to + channel]! += sums[(job * channels + channel) * 2 + 1]!;
    }
  }
  return totals;
}

/**
 * Coefficients of the gradient of `x`: `deviation * (dz * scale - mean(dz * scale) - n * mean(dz * scale * n))`, with means
 * over a group.
 */
function backThrough(
  { batch, pixels, channels, groups }: NormalizationLayout,
  deviation: Float32Array,
  scale: Float32Array,
  totals: Totals,
) {
  const perGroup = channels / groups;
  const ofGradient = deviation.map((factor, index) => factor * scale[index]!);
  const ofNormed = new Float32Array(batch * channels);
  const constant = new Float32Array(batch * channels);
  for (let begin = 0; begin < batch * channels; begin += perGroup) {
    let [mean, product] = [0, 0];
    for (let channel = begin; channel < begin + perGroup; channel++) {
      mean += (totals.gradients[channel]! * scale[channel]!) / (pixels * perGroup);
      product += (totals.products[channel]! * scale[channel]!) / (pixels * perGroup);
    }
    ofNormed.fill(-product * deviation[begin]!, begin, begin + perGroup);
    constant.fill(-mean * deviation[begin]!, begin, begin + perGroup);
  }
  return { ofGradient, ofNormed, constant };
}

function sumOverSamples({ batch, channels }: NormalizationLayout, totals: Float64Array): Float32Array {
  return Float32Array.from({ length: channels }, (_, channel) => {
    let sum = 0;
    for (let sample = 0; sample < batch; sample++) sum += totals[sample * channels + channel]!;
    return sum;
  });
}
