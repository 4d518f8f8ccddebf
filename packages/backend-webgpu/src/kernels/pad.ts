import type { KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';

import type { WebgpuBackend } from '../webgpu-backend.ts';

/** A shape, and how many values are put before and after each of its axes. */
interface Axes {
  readonly shape: readonly number[];
  readonly paddings: readonly (readonly [before: number, after: number])[];
}

/** Axes that TensorFlow.js's own kernel takes: of more, its shader does not compile (tensorflow/tfjs#6167). */
const MOST_AXES = 4;

const NOTHING = [0, 0] as const;

/** TensorFlow.js's `PadV2`, which is also the gradient of a slice, of any number of axes. */
export function padOr(stock: KernelFunc): KernelFunc {
  return (call) => {
    const { x, axes, pad } = padding(stock, call);
    return { ...padAll(call.backend as WebgpuBackend, pad, x, axes), shape: paddedShape(axes) };
  };
}

/** TensorFlow.js's `MirrorPad` of as many axes as are left when neighbours without paddings are merged: clips have four. */
export function mirrorPadOr(stock: KernelFunc): KernelFunc {
  return (call) => {
    const { x, axes, pad } = padding(stock, call);
    return { ...pad(x, mergeAxes(axes, { intoPadded: false })), shape: paddedShape(axes) };
  };
}

type Pad = (x: TensorInfo, axes: Axes) => TensorInfo;

/** What a kernel that pads was called with, and how to call it with other axes. */
function padding(stock: KernelFunc, call: Parameters<KernelFunc>[0]): { x: TensorInfo; axes: Axes; pad: Pad } {
  const x = call.inputs['x']!;
  const { paddings } = call.attrs as unknown as Pick<Axes, 'paddings'>;
  const pad: Pad = (from, axes) =>
    stock({
      ...call,
      inputs: { x: { ...from, shape: [...axes.shape] } },
      attrs: { ...call.attrs, paddings: axes.paddings as never },
    }) as TensorInfo;
  return { x, axes: { shape: x.shape, paddings }, pad };
}

/** Pads at once where few axes are left when those without paddings are merged, else the last of them and then the rest. */
function padAll(backend: WebgpuBackend, pad: Pad, x: TensorInfo, axes: Axes): TensorInfo {
  const { shape, paddings } = mergeAxes(axes);
  if (shape.length <= MOST_AXES) return pad(x, { shape, paddings });
  const last = shape.length - 1;
  const lastAlone = { shape, paddings: paddings.map((one, axis) => (axis === last ? one : NOTHING)) };
  const part = pad(x, mergeAxes(lastAlone));
  const rest = {
    shape: paddedShape(lastAlone),
    paddings: paddings.map((one, axis) => (axis === last ? NOTHING : one)),
  };
  const y = padAll(backend, pad, part, rest);
  backend.disposeData(part.dataId);
  return y;
}

/** The same values with each axis that is not padded as a part of the one before it, or only of one that is not padded either. */
function mergeAxes({ shape, paddings }: Axes, { intoPadded = true } = {}): Axes {
  const merged: { size: number; padding: readonly [number, number] }[] = [];
  shape.forEach((size, axis) => {
    const [before, after] = paddings[axis]!;
    const outer = merged.at(-1);
    const mayJoin = outer && (intoPadded || outer.padding.every((count) => count === 0));
    if (before > 0 || after > 0 || !mayJoin) merged.push({ size, padding: [before, after] });
    else {
      outer.size *= size;
      outer.padding = [outer.padding[0] * size, outer.padding[1] * size];
    }
  });
  return { shape: merged.map(({ size }) => size), paddings: merged.map(({ padding }) => padding) };
}

function paddedShape({ shape, paddings }: Axes): number[] {
  return shape.map((size, axis) => paddings[axis]![0] + size + paddings[axis]![1]);
}
