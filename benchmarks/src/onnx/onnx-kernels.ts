import { sizeOf } from '@od-vae/core/base';

import type { Case } from '../contenders/protocol.ts';
import { randomValues } from '../contenders/random-values.ts';
import type { OnnxModel } from './onnx-model.ts';

type Kernel = Extract<Case, { channels: number }>;

/** The same work as a case of the `kernels` suite, channels first. */
export function onnxKernel(one: Kernel): OnnxModel {
  if (one.kind === 'convolution') return convolution(one);
  return one.kind === 'attention' ? attention(one) : normalization(one);
}

/** The clip comes with its first frame repeated already, so that the runtime does nothing but convolve. */
function convolution({ channels, clip, kernel }: Extract<Kernel, { kind: 'convolution' }>): OnnxModel {
  const [frames, height, width] = clip;
  const [taps, down, across] = kernel;
  const shape = [channels, channels, ...kernel];
  const around = [0, (down - 1) / 2, (across - 1) / 2];
  return {
    nodes: [
      {
        operator: 'Conv',
        inputs: ['x', 'weight', 'bias'],
        output: 'y',
        attributes: { kernel_shape: kernel, pads: [...around, ...around] },
      },
    ],
    inputs: { x: [1, channels, frames + taps - 1, height, width] },
    outputs: { y: [1, channels, frames, height, width] },
    weights: {
      weight: { shape, values: randomValues(sizeOf(shape), 1 / Math.sqrt(sizeOf(shape) / channels)) },
      bias: { shape: [channels], values: new Float32Array(channels) },
    },
  };
}

function normalization({ channels, clip }: Kernel): OnnxModel {
  const shape = [1, channels, ...clip];
  return {
    nodes: [
      {
        operator: 'GroupNormalization',
        inputs: ['x', 'scale', 'bias'],
        output: 'normed',
        attributes: { num_groups: 32, epsilon: { float: 1e-6 } },
      },
      { operator: 'Sigmoid', inputs: ['normed'], output: 'gate' },
      { operator: 'Mul', inputs: ['normed', 'gate'], output: 'y' },
    ],
    inputs: { x: shape },
    outputs: { y: shape },
    weights: {
      scale: { shape: [channels], values: new Float32Array(channels).fill(1) },
      bias: { shape: [channels], values: new Float32Array(channels) },
    },
  };
}

function attention({ channels, clip: [frames, height, width] }: Kernel): OnnxModel {
  const shape = [frames, height * width, channels];
  return {
    nodes: [
      { operator: 'Transpose', inputs: ['key'], output: 'turned', attributes: { perm: [0, 2, 1] } },
      { operator: 'MatMul', inputs: ['query', 'turned'], output: 'products' },
      { operator: 'Mul', inputs: ['products', 'factor'], output: 'scores' },
      { operator: 'Softmax', inputs: ['scores'], output: 'shares', attributes: { axis: 2 } },
      { operator: 'MatMul', inputs: ['shares', 'value'], output: 'y' },
    ],
    inputs: { query: shape, key: shape, value: shape },
    outputs: { y: shape },
    weights: { factor: { shape: [1], values: Float32Array.of(channels ** -0.5) } },
  };
}
