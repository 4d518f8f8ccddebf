import type { KernelConfig, KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';

import type { SimdBackend } from '../simd-backend.ts';
import type { ConvolutionGeometry } from '../tasks/convolution-geometry.ts';
import { runConvolution } from './causal-conv3d.ts';
import { convolveBack } from './convolve-back.ts';
import { filterGradient } from './filter-gradient.ts';
import { orStock } from './or-stock.ts';

/** A stock convolution as one of ours, with the shapes that its results have. */
export interface StockConvolution {
  readonly geometry: ConvolutionGeometry;
  readonly inputShape: number[];
  readonly outputShape: number[];
  readonly filterShape: number[];
}

type Call = Parameters<KernelFunc>[0];
/** Reads a call's shapes and attributes; undefined for what our kernels do not compute. */
type Reader = (call: Call) => StockConvolution | undefined;

/** A stock convolution by our kernels, and by the stock kernel where `read` says so. */
export function convolutionKernel(kernelName: string, read: Reader): KernelConfig {
  return kernel(kernelName, read, (backend, { geometry, outputShape, filterShape }, { inputs }) => {
    const { info, values } = backend.output(outputShape);
    const weight = { ...inputs['filter']!, shape: asFiveAxes(filterShape) };
    const bias = new Float32Array(geometry.outChannels);
    runConvolution(backend, geometry, { x: inputs['x']!, weight, bias, y: values });
    return info;
  });
}

/** Gradient of the input of a stock convolution. */
export function inputGradientKernel(kernelName: string, read: Reader): KernelConfig {
  return kernel(kernelName, read, (backend, { geometry, inputShape }, { inputs }) => {
    const { info, values } = backend.output(inputShape);
    const dy = backend.sharedValues(inputs['dy']!);
    convolveBack(backend, { geometry, weight: inputs['filter']!, dy, dx: values });
    return info;
  });
}

/** Gradient of the kernel of a stock convolution. */
export function filterGradientKernel(kernelName: string, read: Reader): KernelConfig {
  return kernel(kernelName, read, (backend, { geometry, filterShape }, { inputs }) =>
    filterGradient(backend, geometry, inputs, filterShape),
  );
}

function kernel(
  kernelName: string,
  read: Reader,
  run: (backend: SimdBackend, convolution: StockConvolution, call: Call) => TensorInfo,
): KernelConfig {
  return orStock(kernelName, (call) => {
    const floats = Object.values(call.inputs).every((input) => (input as TensorInfo).dtype === 'float32');
    const convolution = floats ? read(call) : undefined;
    if (!convolution || empty(convolution)) return undefined;
    return run(call.backend as SimdBackend, convolution, call);
  });
}

function empty({ inputShape, outputShape, filterShape }: StockConvolution): boolean {
  return [...inputShape, ...outputShape, ...filterShape].some((length) => length === 0);
}

function asFiveAxes(shape: number[]): number[] {
  return shape.length === 4 ? [1, ...shape] : shape;
}
