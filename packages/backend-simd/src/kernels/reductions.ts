import { sizeOf } from '@od-vae/core';
import { backend_util, type KernelConfig, type KernelFunc, type TensorInfo, util } from '@tensorflow/tfjs-core';

import { sharedDoubles } from '../shared-floats.ts';
import type { SimdBackend } from '../simd-backend.ts';
import { reductionJobs, reductionLayout } from '../tasks/reduction.ts';
import { channelSums } from './channel-sums.ts';
import { orStock } from './or-stock.ts';

type Call = Parameters<KernelFunc>[0];
type Op = 'Sum' | 'Mean' | 'Max';

/** `Sum`, `Mean` and `Max` of float32 tensors over their last axes, the first two over their first axes too. */
export const reductions: readonly KernelConfig[] = (['Sum', 'Mean', 'Max'] as const).map((kernelName) =>
  orStock(kernelName, (call) => reduce(kernelName, call)),
);

function reduce(op: Op, { inputs, attrs, backend }: Call): TensorInfo | undefined {
  const x = inputs['x']!;
  const simd = backend as SimdBackend;
  const {
    axis,
    reductionIndices,
    keepDims = false,
  } = attrs as unknown as {
    axis?: number | number[];
    reductionIndices?: number | number[];
    keepDims?: boolean;
  };
  const axes = util.parseAxisParam((axis ?? reductionIndices)!, x.shape).toSorted((a, b) => a - b);
  if (x.dtype !== 'float32' || sizeOf(x.shape) === 0 || axes.length === 0) return undefined;
  const [outShape, reduced] = backend_util.computeOutAndReduceShapes(x.shape, axes);
  const shape = keepDims ? backend_util.expandShapeToKeepDim(outShape, axes) : outShape;
  const count = sizeOf(reduced);
  const factor = op === 'Mean' ? 1 / count : 1;
  if (axes.every((place, index) => place === x.shape.length - axes.length + index)) {
    return overLastAxes(simd, x, { op: op === 'Max' ? 'max' : 'sum', shape, count, factor });
  }
  if (op === 'Max' || !axes.every((place, index) => place === index)) return undefined;
  const rows = { ...x, shape: [count, sizeOf(outShape)] };
  const sums = channelSums(simd, rows, factor);
  return { ...sums, shape };
}

interface LastAxes {
  readonly op: 'sum' | 'max';
  readonly shape: number[];
  readonly count: number;
  readonly factor: number;
}

function overLastAxes(backend: SimdBackend, x: TensorInfo, { op, shape, count, factor }: LastAxes): TensorInfo {
  const { info, values } = backend.output(shape);
  const layout = reductionLayout(values.length, count);
  const results = sharedDoubles(layout.outer * layout.parts);
  backend.pool.run('reduction', { layout, op, x: backend.sharedValues(x), results }, reductionJobs(layout));
  for (let row = 0; row < layout.outer; row++) {
    let result = results[row * layout.parts]!;
    for (let part = 1; part < layout.parts; part++) {
      const next = results[row * layout.parts + part]!;
      result = op === 'sum' ? result + next : Math.max(result, next);
    }
    values[row] = result * factor;
  }
  return info;
}
