import type { KernelConfig } from '@tensorflow/tfjs-core';

import type { SimdBackend } from '../simd-backend.ts';
import { OPTIMIZER_CHUNK } from '../tasks/optimizer.ts';

interface AdamAttributes {
  rate: number;
  beta1: number;
  beta2: number;
  epsilon: number;
  /** `1 - beta ** step`. */
  correction1: number;
  correction2: number;
}

/** `AdamStep`: a weight and its two means after a step of Adam, in one pass on all threads. */
export const adamStep: KernelConfig = {
  kernelName: 'AdamStep',
  backendName: 'simd',
  kernelFunc: ({ inputs, attrs, backend }) => {
    const simd = backend as SimdBackend;
    const { rate, beta1, beta2, epsilon, correction1, correction2 } = attrs as unknown as AdamAttributes;
    const before = ['param', 'gradient', 'mean', 'square'].map((name) => simd.sharedValues(inputs[name]!));
    const outputs = ['param', 'mean', 'square'].map((name) => simd.output(inputs[name]!.shape));
    const constants = [1 - beta1, beta2, 1 - beta2, 1 / Math.sqrt(correction2), epsilon, -rate / correction1];
    const call = { constants, before, after: outputs.map(({ values }) => values) };
    simd.pool.run('adamStep', call, Math.ceil(before[0]!.length / OPTIMIZER_CHUNK));
    return outputs.map(({ info }) => info);
  },
};

/** `MovingAverage`: `decay * average + (1 - decay) * value`. */
export const movingAverage: KernelConfig = {
  kernelName: 'MovingAverage',
  backendName: 'simd',
  kernelFunc: ({ inputs, attrs, backend }) => {
    const simd = backend as SimdBackend;
    const { decay } = attrs as unknown as { decay: number };
    const [average, value] = ['average', 'value'].map((name) => simd.sharedValues(inputs[name]!));
    const { info, values: y } = simd.output(inputs['average']!.shape);
    const call = { decay, average: average!, value: value!, y };
    simd.pool.run('movingAverage', call, Math.ceil(y.length / OPTIMIZER_CHUNK));
    return info;
  },
};
