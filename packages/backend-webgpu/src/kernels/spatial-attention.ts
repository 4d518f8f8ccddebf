import type { KernelConfig } from '@tensorflow/tfjs-core';

import { attentionLayerChannels, attentionParts, attentionProgram, QUERIES } from '../programs/attention.ts';
import type { WebgpuBackend } from '../webgpu-backend.ts';

/** `SpatialAttention`: `softmax(query keyᵀ / sqrt(channels)) value` within each sequence; the scores are never stored. */
export const spatialAttention: KernelConfig = {
  kernelName: 'SpatialAttention',
  backendName: 'webgpu',
  kernelFunc: ({ inputs, backend }) => {
    const webgpu = backend as WebgpuBackend;
    const [query, key, value] = [inputs['query']!, inputs['key']!, inputs['value']!];
    const [sequences, tokens, channels] = query.shape as [number, number, number];
    const parts = attentionParts(channels);
    const blocks = Math.ceil(tokens / QUERIES);
    const y = webgpu.output('spatialAttention', query.shape);
    webgpu.dispatch(attentionProgram(channels % 4 === 0, parts), {
      reads: [query, key, value],
      writes: [y],
      sizes: { tokens, channels, slots: Math.ceil(channels / 4), blocks, scale: channels ** -0.5 },
      groups: [sequences * blocks, Math.ceil(channels / attentionLayerChannels(parts))],
    });
    return y;
  },
};
