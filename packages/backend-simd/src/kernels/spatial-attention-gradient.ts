import type { KernelConfig } from '@tensorflow/tfjs-core';

import type { SimdBackend } from '../simd-backend.ts';
import { attentionLayout } from '../tasks/attention.ts';

/** Jobs that few sequences are cut into; each holds gradients of all keys and values of its sequence. */
const JOBS = 4;

/** `SpatialAttentionGrad`: the gradients of query, key and value. */
export const spatialAttentionGrad: KernelConfig = {
  kernelName: 'SpatialAttentionGrad',
  backendName: 'simd',
  kernelFunc: ({ inputs, backend }) => {
    const simd = backend as SimdBackend;
    const [query, key, value, dy] = ['query', 'key', 'value', 'dy'].map((name) => simd.sharedValues(inputs[name]!));
    const { shape } = inputs['query']!;
    const [sequences, tokens, channels] = shape as [number, number, number];
    const layout = attentionLayout(sequences, tokens, channels);
    const shares = Math.min(layout.parts, Math.ceil(JOBS / sequences));
    const outputs = [simd.output(shape), simd.output(shape), simd.output(shape)];
    const [dQuery, ...sums] = outputs.map(({ values }) => values);
    const [dKey, dValue] = sums.map((values) => (shares === 1 ? values : simd.arena.take(shares * values.length)));
    simd.pool.run(
      'attentionGradient',
      {
        layout,
        shares,
        query: query!,
        key: key!,
        value: value!,
        dy: dy!,
        dQuery: dQuery!,
        dKey: dKey!,
        dValue: dValue!,
      },
      sequences * shares,
    );
    if (shares > 1) {
      [dKey!, dValue!].forEach((parts, index) => {
        addParts(parts, sums[index]!);
        simd.arena.give(parts);
      });
    }
    return outputs.map(({ info }) => info);
  },
};

function addParts(parts: Float32Array, sum: Float32Array): void {
  sum.set(parts.subarray(0, sum.length));
  for (let from = sum.length; from < parts.length; from += sum.length) {
    for (let i = 0; i < sum.length; i++) sum[i]! += parts[from + i]!;
  }
}
