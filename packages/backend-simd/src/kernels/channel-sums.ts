import type { TensorInfo } from '@tensorflow/tfjs-core';

import type { SimdBackend } from '../simd-backend.ts';
import { sharedDoubles } from '../shared-floats.ts';
import { normalizationLayout } from '../tasks/normalization.ts';

/** Sums of each channel, the last axis, over all others, times a factor: the gradient of a bias. */
export function channelSums(backend: SimdBackend, dy: TensorInfo, factor = 1): TensorInfo {
  const channels = dy.shape.at(-1)!;
  const x = backend.sharedValues(dy);
  const layout = normalizationLayout(1, x.length / channels, channels, channels);
  const sums = sharedDoubles(layout.chunks * channels * 2);
  backend.pool.run('groupMoments', { layout, x, sums }, layout.chunks);
  const { info, values } = backend.output([channels]);
  for (let channel = 0; channel < channels; channel++) {
    let sum = 0;
    for (let chunk = 0; chunk < layout.chunks; chunk++) sum += sums[(chunk * channels + channel) * 2]!;
    values[channel] = sum * factor;
  }
  return info;
}
