import { getKernel, type KernelConfig, registerKernel, type Tensor, type TensorInfo } from '@tensorflow/tfjs-core';

import type { AdamAttributes } from './adam-step.ts';

/** What TensorFlow.js's backends on the CPU have: values of a tensor as they lie in memory. */
interface HostBackend {
  readonly data: { get(dataId: Tensor['dataId']): { values: Float32Array } };
  makeTensorInfo(shape: number[], dtype: 'float32', values: Float32Array): TensorInfo;
}

/** One pass over the weights in place of ten; for the backends whose tensors are arrays. */
const adamStep: Omit<KernelConfig, 'backendName'> = {
  kernelName: 'AdamStep',
  kernelFunc: ({ inputs, attrs, backend }) => {
    const host = backend as unknown as HostBackend;
    const { rate, beta1, beta2, epsilon, correction1, correction2 } = attrs as unknown as AdamAttributes;
    const { param, gradient, mean, square } = inputs as Record<string, TensorInfo>;
    const [p, g, m, v] = [param, gradient, mean, square].map((info) => host.data.get(info!.dataId).values);
    const [nextP, nextM, nextV] = [0, 1, 2].map(() => new Float32Array(p!.length));
    const size = rate / correction1;
    const root = Math.sqrt(correction2);
    for (let i = 0; i < p!.length; i++) {
      const slope = g![i]!;
      const average = m![i]! + (1 - beta1) * (slope - m![i]!);
      const energy = beta2 * v![i]! + (1 - beta2) * slope * slope;
      nextM![i] = average;
      nextV![i] = energy;
      nextP![i] = p![i]! - (size * average) / (Math.sqrt(energy) / root + epsilon);
    }
    return [nextP, nextM, nextV].map((values) => host.makeTensorInfo([...param!.shape], 'float32', values!));
  },
};

const movingAverage: Omit<KernelConfig, 'backendName'> = {
  kernelName: 'MovingAverage',
  kernelFunc: ({ inputs, attrs, backend }) => {
    const host = backend as unknown as HostBackend;
    const { average, value } = inputs as Record<string, TensorInfo>;
    const decay = (attrs as { decay: number }).decay;
    const [old, fresh] = [average, value].map((info) => host.data.get(info!.dataId).values);
    const next = new Float32Array(old!.length);
    for (let i = 0; i < next.length; i++) next[i] = decay * old![i]! + (1 - decay) * fresh![i]!;
    return host.makeTensorInfo([...average!.shape], 'float32', next);
  },
};

// A backend that builds on cpu's kernels takes these over when it is registered later, unless it has its own.
for (const kernel of [adamStep, movingAverage]) {
  if (!getKernel(kernel.kernelName, 'cpu')) registerKernel({ ...kernel, backendName: 'cpu' });
}
