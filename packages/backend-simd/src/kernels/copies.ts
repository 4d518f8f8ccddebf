import { sizeOf } from '@od-vae/core';
import {
  backend_util,
  type KernelConfig,
  type KernelFunc,
  slice_util,
  type TensorInfo,
  util,
} from '@tensorflow/tfjs-core';

import type { SimdBackend } from '../simd-backend.ts';
import { copyJobs, mergeAxes, type Side } from '../tasks/copy-box.ts';
import { orStock } from './or-stock.ts';

type Call = Parameters<KernelFunc>[0];
type Inputs = readonly TensorInfo[];

/** Ops that only move numbers of float32 tensors, on all threads; other types are the stock kernel's. */
export const copies: readonly KernelConfig[] = [
  kernel('Concat', concat),
  kernel('PadV2', pad),
  kernel('Slice', slice),
  kernel('SplitV', split),
  kernel('Transpose', transpose),
];

function kernel(
  kernelName: string,
  compute: (backend: SimdBackend, inputs: Inputs, attrs: Call['attrs']) => TensorInfo | TensorInfo[] | undefined,
): KernelConfig {
  return orStock(kernelName, (call) => {
    const inputs = Object.values(call.inputs) as TensorInfo[];
    const plain = inputs.every(({ dtype, shape }) => dtype === 'float32' && sizeOf(shape) > 0);
    return plain ? compute(call.backend as SimdBackend, inputs, call.attrs) : undefined;
  });
}

function concat(backend: SimdBackend, inputs: Inputs, attrs: Call['attrs']): TensorInfo {
  const shapes = inputs.map(({ shape }) => shape);
  const axis = util.parseAxisParam((attrs as { axis?: number }).axis!, shapes[0]!)[0]!;
  backend_util.assertParamsConsistent(shapes, axis);
  const { info, values } = backend.output(backend_util.computeOutShape(shapes, axis));
  const steps = stepsOf(info.shape);
  let offset = 0;
  for (const input of inputs) {
    copy(backend, input, { lengths: input.shape, from: whole(input.shape), to: { offset, steps } }, values);
    offset += input.shape[axis]! * steps[axis]!;
  }
  return info;
}

function pad(backend: SimdBackend, [x]: Inputs, attrs: Call['attrs']): TensorInfo {
  const { paddings, constantValue } = attrs as unknown as { paddings: [number, number][]; constantValue: number };
  const { info, values } = backend.output(x!.shape.map((length, axis) => length + sumOf(paddings[axis]!)));
  values.fill(constantValue);
  const steps = stepsOf(info.shape);
  const offset = offsetOf(
    paddings.map(([before]) => before),
    steps,
  );
  copy(backend, x!, { lengths: x!.shape, from: whole(x!.shape), to: { offset, steps } }, values);
  return info;
}

function slice(backend: SimdBackend, [x]: Inputs, attrs: Call['attrs']): TensorInfo | undefined {
  const { begin, size } = attrs as unknown as { begin: number | number[]; size: number | number[] };
  const [first, lengths] = slice_util.parseSliceParams(x as never, begin, size) as [number[], number[]];
  slice_util.assertParamsValid(x as never, first, lengths);
  return sizeOf(lengths) === 0 ? undefined : cut(backend, x!, first, lengths);
}

function split(backend: SimdBackend, [x]: Inputs, attrs: Call['attrs']): TensorInfo[] | undefined {
  const { numOrSizeSplits, axis } = attrs as unknown as { numOrSizeSplits: number | number[]; axis: number };
  const along = util.parseAxisParam(axis, x!.shape)[0]!;
  const sizes = backend_util.prepareSplitSize(x as never, numOrSizeSplits, along);
  if (sizes.includes(0)) return undefined;
  const first = x!.shape.map(() => 0);
  return sizes.map((size) => {
    const part = cut(backend, x!, first, x!.shape.with(along, size));
    first[along]! += size;
    return part;
  });
}

function transpose(backend: SimdBackend, [x]: Inputs, attrs: Call['attrs']): TensorInfo {
  const { perm } = attrs as unknown as { perm: number[] };
  const { info, values } = backend.output(perm.map((axis) => x!.shape[axis]!));
  const steps = stepsOf(x!.shape);
  const from = { offset: 0, steps: perm.map((axis) => steps[axis]!) };
  copy(backend, x!, { lengths: info.shape, from, to: whole(info.shape) }, values);
  return info;
}

function cut(backend: SimdBackend, x: TensorInfo, first: readonly number[], lengths: number[]): TensorInfo {
  const { info, values } = backend.output(lengths);
  const steps = stepsOf(x.shape);
  copy(backend, x, { lengths, from: { offset: offsetOf(first, steps), steps }, to: whole(lengths) }, values);
  return info;
}

function copy(backend: SimdBackend, x: TensorInfo, box: Parameters<typeof mergeAxes>[0], y: Float32Array): void {
  const merged = mergeAxes(box);
  backend.pool.run('copyBox', { box: merged, x: backend.sharedValues(x), y }, copyJobs(merged));
}

function whole(shape: readonly number[]): Side {
  return { offset: 0, steps: stepsOf(shape) };
}

function stepsOf(shape: readonly number[]): number[] {
  return shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
}

function offsetOf(first: readonly number[], steps: readonly number[]): number {
  return first.reduce((offset, place, axis) => offset + place * steps[axis]!, 0);
}

function sumOf([before, after]: readonly [number, number]): number {
  return before + after;
}
