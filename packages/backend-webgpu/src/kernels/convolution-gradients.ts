import { sizeOf } from '@od-vae/core';
import type { TensorInfo } from '@tensorflow/tfjs-core';

import type { PixelSource } from '../programs/convolution.ts';
import { FILTER_BLOCK, filterGradientProgram } from '../programs/filter-gradient.ts';
import { gradientSource } from '../programs/gradient-source.ts';
import { TURNED_TOGETHER, turnWeightsProgram } from '../programs/turn-weights.ts';
import type { WebgpuBackend } from '../webgpu-backend.ts';
import { type ConvolutionGeometry, convolutionSizes } from './convolution-geometry.ts';
import { rowSums } from './row-sums.ts';
import { runConvolution } from './run-convolution.ts';

/** The gradient of the clip that a convolution's taps read: itself a convolution, of the gradient of the result. */
export function inputGradient(
  backend: WebgpuBackend,
  geometry: ConvolutionGeometry,
  dy: TensorInfo,
  weight: TensorInfo,
): TensorInfo {
  const { batch, input, channels, outs } = geometry;
  const turned = backend.output('turnWeights', [...geometry.kernel, outs, channels]);
  const total = sizeOf(weight.shape);
  backend.dispatch(turnWeightsProgram, {
    reads: [weight],
    writes: [turned],
    sizes: { ins: channels, outs, total },
    groups: [Math.ceil(total / TURNED_TOGETHER)],
  });
  const dx = runConvolution(backend, 'convolutionGradient', {
    source: gradientSource(outs % 4 === 0),
    tensors: [dy],
    weight: turned,
    sizes: {
      ...convolutionSizes(geometry),
      pixels: batch * input[0] * input[1] * input[2],
      slots: Math.ceil(outs / 4),
      channels: outs,
      outs: channels,
    },
    shape: [batch, ...input, channels],
    // Gradients are smaller than what 16 bits tell from zero.
    storage: 'f32',
  });
  backend.disposeData(turned.dataId);
  return dx;
}

/** What the gradient of a kernel is made from: the clip, how taps see it, and the gradient of the result. */
export interface FilterGradient {
  readonly geometry: ConvolutionGeometry;
  readonly source: PixelSource;
  /** What the source reads. */
  readonly tensors: readonly TensorInfo[];
  /** Sizes of the source beside the convolution's. */
  readonly sizes: Readonly<Record<string, number>>;
  readonly dy: TensorInfo;
}

/** Workgroups that occupy a GPU, and pixels worth one. */
const ENOUGH_GROUPS = 256;
const LEAST_PIXELS = 256;

/** The gradient of a convolution's kernel. */
export function filterGradient(
  backend: WebgpuBackend,
  { geometry, source, tensors, sizes, dy }: FilterGradient,
): TensorInfo {
  const all = convolutionSizes(geometry) as { pixels: number; taps: number; slots: number };
  const shape = [...geometry.kernel, geometry.channels, geometry.outs];
  const rowBlocks = Math.ceil((all.taps * all.slots) / FILTER_BLOCK.rows);
  const layers = Math.ceil(geometry.outs / FILTER_BLOCK.columns);
  const wanted = Math.ceil(ENOUGH_GROUPS / (rowBlocks * layers));
  const parts = Math.min(wanted, Math.ceil(all.pixels / LEAST_PIXELS));
  const dw = backend.output('filterGradient', parts === 1 ? shape : [parts, ...shape]);
  backend.dispatch(filterGradientProgram(source, geometry.outs % 4 === 0), {
    reads: [...tensors, dy],
    writes: [dw],
    sizes: { ...all, ...sizes, rowBlocks, partPixels: Math.ceil(all.pixels / parts) },
    groups: [rowBlocks * parts, layers],
  });
  if (parts === 1) return dw;
  const sum = rowSums(backend, dw, parts, shape);
  backend.disposeData(dw.dataId);
  return sum;
}

/** The gradient of a convolution's bias. */
export function biasGradient(backend: WebgpuBackend, dy: TensorInfo): TensorInfo {
  const outs = dy.shape.at(-1)!;
  const rows = sizeOf(dy.shape.slice(0, -1));
  return rowSums(backend, dy, rows, [outs]);
}
