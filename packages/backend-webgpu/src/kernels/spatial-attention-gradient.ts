import type { KernelConfig, TensorInfo } from '@tensorflow/tfjs-core';

import { attentionGroups, attentionParts, attentionSizes } from '../programs/attention-block.ts';
import {
  attentionGradientProgram,
  type AttentionInput,
  attentionStatisticsProgram,
} from '../programs/attention-gradient.ts';
import type { WebgpuBackend } from '../webgpu-backend.ts';

const INPUTS: readonly AttentionInput[] = ['query', 'key', 'value'];

/** `SpatialAttentionGrad`: the gradients of query, key and value; scores are computed anew for each, and never stored. */
export const spatialAttentionGrad: KernelConfig = {
  kernelName: 'SpatialAttentionGrad',
  backendName: 'webgpu',
  kernelFunc: ({ inputs, backend }) => {
    const webgpu = backend as WebgpuBackend;
    const { query, key, value, dy } = inputs as Record<AttentionInput | 'dy', TensorInfo>;
    const { shape } = query;
    const [sequences, tokens, channels] = shape as [number, number, number];
    const full = channels % 4 === 0;
    const { tensors, half: halfInputs } = webgpu.storedAlike([query, key, value]);
    const parts = attentionParts(channels);
    const sizes = attentionSizes(shape);
    const statistics = webgpu.output('spatialAttentionGrad', [sequences, tokens, 2]);
    const [workgroups, layers] = attentionGroups(shape, parts);
    webgpu.dispatch(attentionStatisticsProgram(full, halfInputs), {
      reads: [...tensors, dy],
      writes: [statistics],
      sizes,
      groups: [workgroups],
    });
    const gradients = INPUTS.map((input) => {
      const y = webgpu.output('spatialAttentionGrad', shape);
      webgpu.dispatch(attentionGradientProgram(input, { full, parts, halfInputs }), {
        reads: [...tensors.slice(0, input === 'value' ? 2 : 3), dy, statistics],
        writes: [y],
        sizes,
        groups: [workgroups, layers],
      });
      return y;
    });
    webgpu.disposeData(statistics.dataId);
    return gradients;
  },
};
