import { sizeOf } from '@od-vae/core';
import { broadcast_util, type KernelConfig, type KernelFunc, type TensorInfo } from '@tensorflow/tfjs-core';

import { BINARY_OPS, type ElementwiseOp, UNARY_OPS } from '../code/elementwise.ts';
import type { SimdBackend } from '../simd-backend.ts';
import { ELEMENTWISE_CHUNK, type Operand } from '../tasks/elementwise.ts';
import { orStock } from './or-stock.ts';

type Call = Parameters<KernelFunc>[0];

/** Ops on each number of float32 tensors, on all threads; other types and broadcasts within are the stock kernel's. */
export const elementwiseKernels: readonly KernelConfig[] = [
  ...BINARY_OPS.map((name) => kernel(name, ['a', 'b'])),
  ...UNARY_OPS.map((name) => kernel(name, ['x'])),
];

/** `Add`, for kernels that end with a sum. */
export const add = elementwiseKernels.find(({ kernelName }) => kernelName === 'Add')!;

function kernel(kernelName: ElementwiseOp, names: readonly string[]): KernelConfig {
  return orStock(kernelName, (call) => compute(kernelName, names, call));
}

function compute(op: ElementwiseOp, names: readonly string[], call: Call): TensorInfo | undefined {
  const backend = call.backend as SimdBackend;
  const infos = names.map((name) => call.inputs[name]!);
  if (infos.some(({ dtype }) => dtype !== 'float32')) return undefined;
  const shape = infos.reduce<number[]>(
    (known, info) => broadcast_util.assertAndGetBroadcastShape(known, info.shape),
    [],
  );
  const rules = infos.map((info) => alongOutput(info.shape, shape));
  if (sizeOf(shape) === 0 || !rules.every((rule) => rule !== undefined)) return undefined;
  const [a, b] = infos.map((info, index): Operand => ({ values: backend.sharedValues(info), ...rules[index]! }));
  const { info, values: y } = backend.output(shape);
  const { alpha = 0 } = (call.attrs ?? {}) as { alpha?: number };
  backend.pool.run('elementwise', { op, a: a!, b, alpha, y }, Math.ceil(y.length / ELEMENTWISE_CHUNK));
  return info;
}

/**
 * How a tensor is broadcast to a shape: whole, over the first axes, or over the last ones; undefined for anything between.
 */
function alongOutput(
  shape: readonly number[],
  output: readonly number[],
): Pick<Operand, 'repeat' | 'period'> | undefined {
  const own = [...Array<number>(output.length - shape.length).fill(1), ...shape];
  const period = sizeOf(own);
  const first = own.findIndex((length) => length > 1);
  if (first < 0) return { repeat: sizeOf(output), period: 1 };
  const last = own.findLastIndex((length) => length > 1);
  const inner = output.slice(last + 1);
  if (own.slice(first, last + 1).join() !== output.slice(first, last + 1).join()) return undefined;
  return { repeat: sizeOf(inner), period };
}
