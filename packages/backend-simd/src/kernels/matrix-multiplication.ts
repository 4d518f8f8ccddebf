import { sizeOf } from '@od-vae/core';
import { broadcast_util, type KernelFunc, type TensorInfo } from '@tensorflow/tfjs-core';

import type { SimdBackend } from '../simd-backend.ts';
import { multiplicationJobs, multiplicationLayout } from '../tasks/matrix-multiplication.ts';
import { add } from './elementwise.ts';
import { orStock } from './or-stock.ts';

type Call = Parameters<KernelFunc>[0];

/** `BatchMatMul` of batches of one size, or of one matrix with a batch; other broadcasts are the stock kernel's. */
export const batchMatMul = orStock('BatchMatMul', multiply);

/** `_FusedMatMul`: a product and its bias; with an activation, the stock kernel's. */
export const fusedMatMul = orStock('_FusedMatMul', (call) => {
  const { activation } = call.attrs as unknown as { activation?: string };
  const product = !activation || activation === 'linear' ? multiply(call) : undefined;
  const bias = call.inputs['bias'];
  if (!product || !bias) return product;
  const backend = call.backend as SimdBackend;
  const sum = add.kernelFunc({ backend, inputs: { a: product, b: bias } });
  backend.disposeIntermediateTensorInfo(product);
  return sum;
});

function multiply({ inputs, attrs, backend }: Call): TensorInfo | undefined {
  const [a, b] = [inputs['a']!, inputs['b']!];
  const { transposeA, transposeB } = attrs as unknown as { transposeA: boolean; transposeB: boolean };
  const [left, right] = [matrices(a, transposeA), matrices(b, transposeB)];
  const batches = broadcast_util.assertAndGetBroadcastShape(left.outer, right.outer);
  const batch = sizeOf(batches);
  const plain = [left.batch, right.batch].every((count) => count === 1 || count === batch);
  if (!plain || a.dtype !== 'float32' || b.dtype !== 'float32' || left.columns !== right.rows) return undefined;
  const sizes = { batch, rows: left.rows, depth: left.columns, columns: right.columns };
  if (Object.values(sizes).some((size) => size === 0)) return undefined;
  const simd = backend as SimdBackend;
  const { info, values } = simd.output([...batches, sizes.rows, sizes.columns]);
  const layout = multiplicationLayout(sizes);
  simd.pool.run(
    'matrixMultiplication',
    {
      layout,
      left: { ...left.steps, values: simd.sharedValues(a) },
      leftStep: left.batch === 1 ? 0 : sizes.rows * sizes.depth,
      right: { ...right.steps, values: simd.sharedValues(b) },
      rightStep: right.batch === 1 ? 0 : sizes.depth * sizes.columns,
      y: values,
    },
    multiplicationJobs(layout),
  );
  return info;
}

/** The matrices that a tensor holds, turned where they are read so. */
function matrices({ shape }: TensorInfo, turned: boolean) {
  const outer = shape.slice(0, -2);
  const [height, width] = shape.slice(-2) as [number, number];
  const [rows, columns] = turned ? [width, height] : [height, width];
  const [rowStep, columnStep] = turned ? [1, width] : [width, 1];
  return { outer, batch: sizeOf(outer), rows, columns, steps: { begin: 0, rowStep, columnStep } };
}
