import type { KernelConfig, NamedTensorInfoMap, TensorInfo } from '@tensorflow/tfjs-core';

import { type SimdBackend } from '../simd-backend.ts';
import { chooseConvolution } from '../tasks/choose-convolution.ts';
import type { ConvolutionGeometry, Enlargement, Extent } from '../tasks/convolution-geometry.ts';
import type { WindowSource } from '../tasks/input-window.ts';

/** What stands around an image. */
export type Border = 'around' | 'after' | 'none';

/** `CausalConv3D`: a convolution that never looks ahead in time. */
export const causalConv3d: KernelConfig = {
  kernelName: 'CausalConv3D',
  backendName: 'simd',
  kernelFunc: ({ inputs, attrs, backend }) => {
    const { strides, border } = attrs as unknown as { strides: number[]; border: Border };
    return convolve(backend as SimdBackend, inputs, { strides, border });
  },
};

/** `UpsampleCausalConv3D`: the clip is enlarged while its tiles are read, so the enlarged clip never exists. */
export const upsampleCausalConv3d: KernelConfig = {
  kernelName: 'UpsampleCausalConv3D',
  backendName: 'simd',
  kernelFunc: ({ inputs, attrs, backend }) => {
    const { time, mode } = attrs as unknown as Enlargement;
    return convolve(backend as SimdBackend, inputs, {
      strides: [1, 1, 1],
      border: 'around',
      enlargement: { time, mode },
    });
  },
};

/** What a convolution's sizes depend on besides its inputs. */
export interface ConvolutionOptions {
  strides: readonly number[];
  border: Border;
  enlargement?: Enlargement;
}

function convolve(backend: SimdBackend, inputs: NamedTensorInfoMap, options: ConvolutionOptions): TensorInfo {
  const [x, weight, bias] = [inputs['x']!, inputs['weight']!, inputs['bias']!];
  const geometry = convolutionGeometry(x.shape, weight.shape, options);
  const { time, height, width } = geometry.output;
  const frames = (geometry.batch * time) / x.shape[0]!;
  const { info, values } = backend.output([x.shape[0]!, frames, height, width, geometry.outChannels]);
  runConvolution(backend, geometry, { x, weight, bias: backend.sharedValues(bias), y: values });
  return info;
}

/** What {@link runConvolution} reads and fills. */
export interface ConvolutionTensors {
  readonly x: TensorInfo;
  /** `[time, height, width, in, out]`. */
  readonly weight: TensorInfo;
  readonly bias: Float32Array;
  readonly y: Float32Array;
}

/** Computes a convolution by the algorithm that is quickest for its sizes. */
export function runConvolution(
  backend: SimdBackend,
  geometry: ConvolutionGeometry,
  { x, weight, bias, y }: ConvolutionTensors,
): void {
  const options = { blockColumns: backend.block.columns, threads: backend.pool.threads };
  const { task, tiles } = chooseConvolution(geometry, backend.precision, options);
  const tensors = { y, ...inputOf(backend, x, geometry), weights: backend.packedWeights(weight), bias };
  backend.pool.run(task, { geometry, tiles, ...tensors }, tiles.length);
}

/** The clip to read; where it is a scaled one that nobody has computed yet, the one that it comes from. */
export function inputOf(
  backend: SimdBackend,
  x: TensorInfo,
  { batch, source, channels, enlargement }: ConvolutionGeometry,
): Pick<WindowSource, 'x' | 'scale'> {
  const deferred = backend.deferredScale(x);
  if (!deferred || enlargement || channels % 8 !== 0) return { x: backend.sharedValues(x) };
  const { layout, activation, gains, shifts } = deferred.scale;
  const frames = (batch * source.time) / layout.batch;
  const alike = layout.pixels === frames * source.height * source.width && layout.channels === channels;
  if (!alike) return { x: backend.sharedValues(x) };
  return { x: backend.sharedValues(deferred.source), scale: { activation, gains, shifts, frames } };
}

/** All sizes of a convolution, from the shapes of its inputs. */
export function convolutionGeometry(
  x: readonly number[],
  weight: readonly number[],
  { strides, border, enlargement }: ConvolutionOptions,
): ConvolutionGeometry {
  const kernel = extent(weight);
  const step = { time: strides[0]!, height: strides[1]!, width: strides[2]! };
  // Without taps in time all frames are alike, whichever clip they belong to.
  const alike = kernel.time === 1 && step.time === 1 && !enlargement?.time;
  const [batch, time] = alike ? [1, x[0]! * x[1]!] : [x[0]!, x[1]!];
  const source = { time, height: x[2]!, width: x[3]! };
  const input = enlargement ? enlarged(source, enlargement) : source;
  const vertical = zeroRows(kernel.height, border);
  const horizontal = zeroRows(kernel.width, border);
  const output = {
    time: Math.floor((input.time - 1) / step.time) + 1,
    height: Math.floor((input.height + vertical.total - kernel.height) / step.height) + 1,
    width: Math.floor((input.width + horizontal.total - kernel.width) / step.width) + 1,
  };
  return {
    batch,
    channels: x[4]!,
    outChannels: weight[4]!,
    source,
    input,
    output,
    kernel,
    strides: step,
    top: vertical.before,
    left: horizontal.before,
    enlargement,
  };
}

function extent([time, height, width]: readonly number[]): Extent {
  return { time: time!, height: height!, width: width! };
}

function enlarged({ time, height, width }: Extent, enlargement: Enlargement): Extent {
  return { time: enlargement.time ? 2 * time - 1 : time, height: 2 * height, width: 2 * width };
}

function zeroRows(kernel: number, border: Border): { before: number; total: number } {
  if (border === 'none') return { before: 0, total: 0 };
  if (border === 'after') return { before: 0, total: kernel - 2 };
  return { before: Math.floor((kernel - 1) / 2), total: kernel - 1 };
}
