import type { KernelConfig } from '@tensorflow/tfjs-core';

import { attentionGroups, attentionParts, attentionSizes } from '../programs/attention-block.ts';
import { attentionProgram } from '../programs/attention.ts';
import type { WebgpuBackend } from '../webgpu-backend.ts';

/** `SpatialAttention`: `softmax(query keyᵀ / sqrt(channels)) value` within each sequence; the scores are never stored. */
export const spatialAttention: KernelConfig = {
  kernelName: 'SpatialAttention',
  backendName: 'webgpu',
  kernelFunc: ({ inputs, backend }) => {
    const webgpu = backend as WebgpuBackend;
    const { query, key, value } = inputs;
    const { shape } = query!;
    const channels = shape.at(-1)!;
    const parts = attentionParts(channels);
    const full = channels % 4 === 0;
    const { tensors, half: halfInputs } = webgpu.storedAlike([query!, key!, value!]);
    const { info, tensor, half } = webgpu.clipOutput('spatialAttention', shape);
    webgpu.dispatch(attentionProgram({ full, parts, halfInputs, half }), {
      reads: tensors,
      writes: [tensor],
      sizes: attentionSizes(shape),
      groups: attentionGroups(shape, parts),
    });
    return info;
  },
};
