import type { NamedTensorInfoMap, TensorInfo } from '@tensorflow/tfjs-core';

import type { SimdBackend } from '../simd-backend.ts';
import { chooseFilterGradient } from '../tasks/choose-convolution.ts';
import type { ConvolutionGeometry } from '../tasks/convolution-geometry.ts';
import { filterSums } from '../tasks/filter-gradient.ts';
import { inputOf } from './causal-conv3d.ts';

/** Gradient of a convolution's kernel from its input `x` and the gradient `dy` of its output; the result has `shape`. */
export function filterGradient(
  backend: SimdBackend,
  geometry: ConvolutionGeometry,
  inputs: NamedTensorInfoMap,
  shape: number[],
): TensorInfo {
  const { kernel } = geometry;
  const { task, layout } = chooseFilterGradient(geometry, backend.precision);
  const { info, values: gradient } = backend.output(shape);
  // A norm before the convolution is applied while its clip is read, unless that is read several times.
  const clip = inputs['x']!;
  const input = layout.parts === 1 ? inputOf(backend, clip, geometry) : { x: backend.sharedValues(clip) };
  const read = { ...input, dy: backend.sharedValues(inputs['dy']!) };
  const taps = kernel.height * kernel.width;
  const jobs = layout.segments * layout.parts;
  const sums = backend.arena.take(jobs * filterSums(geometry, layout, backend.block.columns));
  backend.pool.run(task, { geometry, layout, ...read, sums }, jobs);
  backend.pool.run('collectFilter', { geometry, layout, sums, gradient }, kernel.time * taps);
  backend.arena.give(sums);
  return info;
}
