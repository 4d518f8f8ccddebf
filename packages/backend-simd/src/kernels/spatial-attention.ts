import type { KernelConfig } from '@tensorflow/tfjs-core';

import { type SimdBackend } from '../simd-backend.ts';
import { attentionLayout } from '../tasks/attention.ts';

/** `SpatialAttention`: `softmax(query key^T / sqrt(channels)) value`, some queries at a time. */
export const spatialAttention: KernelConfig = {
  kernelName: 'SpatialAttention',
  backendName: 'simd',
  kernelFunc: ({ inputs, backend }) => {
    const simd = backend as SimdBackend;
    const [query, key, value] = [inputs['query']!, inputs['key']!, inputs['value']!];
    const [sequences, tokens, channels] = query.shape as [number, number, number];
    const layout = attentionLayout(sequences, tokens, channels);
    const { info, values } = simd.output(query.shape);
    simd.pool.run(
      'attention',
      {
        layout,
        y: values,
        query: simd.sharedValues(query),
        key: simd.sharedValues(key),
        value: simd.sharedValues(value),
      },
      sequences * layout.parts,
    );
    return info;
  },
};
