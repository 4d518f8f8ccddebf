import { sizeOf } from '@od-vae/core';
import { backend_util, type KernelConfig, type KernelFunc, type TensorInfo } from '@tensorflow/tfjs-core';

import type { SimdBackend } from '../simd-backend.ts';
import { type PoolGeometry, poolGradientJobs } from '../tasks/pooling.ts';
import { orStock } from './or-stock.ts';

type Call = Parameters<KernelFunc>[0];
type Op = 'max' | 'mean';
type Read = (shape: number[], attrs: PoolAttributes) => PoolGeometry | undefined;

interface PoolAttributes {
  filterSize: number | [number, number] | [number, number, number];
  strides: number | [number, number] | [number, number, number];
  pad: 'valid' | 'same' | number;
  dimRoundingMode?: 'floor' | 'round' | 'ceil';
  dataFormat?: string;
}

/**
 * Pooling of float32 images and clips and its gradients, on all threads. The gradient of a mean divides by as many numbers
 * as its window saw, as the mean does; the stock kernels count those outside the image too.
 */
export const pooling: readonly KernelConfig[] = [
  forward('MaxPool', 'max', readPool2D),
  backward('MaxPoolGrad', 'max', readPool2D),
  forward('AvgPool', 'mean', readPool2D),
  backward('AvgPoolGrad', 'mean', readPool2D),
  forward('MaxPool3D', 'max', readPool3D),
  backward('MaxPool3DGrad', 'max', readPool3D),
  forward('AvgPool3D', 'mean', readPool3D),
  backward('AvgPool3DGrad', 'mean', readPool3D),
];

function forward(kernelName: string, op: Op, read: Read): KernelConfig {
  return kernel(kernelName, 'x', read, (backend, geometry, { inputs }) => {
    const { output, batch, channels } = geometry;
    const x = inputs['x']!;
    const extent = x.shape.length === 4 ? [batch * output.time] : [batch, output.time];
    const { info, values } = backend.output([...extent, output.height, output.width, channels]);
    backend.pool.run('pool', { geometry, op, x: backend.sharedValues(x), y: values }, batch * output.time);
    return info;
  });
}

function backward(kernelName: string, op: Op, read: Read): KernelConfig {
  return kernel(kernelName, 'input', read, (backend, geometry, { inputs }) => {
    const x = inputs['input']!;
    const { info, values } = backend.output(x.shape);
    values.fill(0);
    const dy = backend.sharedValues(inputs['dy']!);
    const call = { geometry, op, x: backend.sharedValues(x), dy, dx: values };
    backend.pool.run('poolGradient', call, poolGradientJobs(geometry));
    return info;
  });
}

function kernel(
  kernelName: string,
  input: string,
  read: Read,
  compute: (backend: SimdBackend, geometry: PoolGeometry, call: Call) => TensorInfo,
): KernelConfig {
  return orStock(kernelName, (call) => {
    const { dtype, shape } = call.inputs[input]!;
    const plain = dtype === 'float32' && sizeOf(shape) > 0;
    const geometry = plain ? read(shape, call.attrs as unknown as PoolAttributes) : undefined;
    return geometry && compute(call.backend as SimdBackend, geometry, call);
  });
}

/** A batch of images is a clip whose frames do not meet. */
function readPool2D(shape: number[], { filterSize, strides, pad, dimRoundingMode }: PoolAttributes): PoolGeometry {
  const info = backend_util.computePool2DInfo(
    shape as [number, number, number, number],
    filterSize as [number, number],
    strides as [number, number],
    1,
    pad,
    dimRoundingMode,
  );
  return {
    batch: 1,
    channels: info.inChannels,
    input: { time: info.batchSize, height: info.inHeight, width: info.inWidth },
    output: { time: info.batchSize, height: info.outHeight, width: info.outWidth },
    window: { time: 1, height: info.filterHeight, width: info.filterWidth },
    strides: { time: 1, height: info.strideHeight, width: info.strideWidth },
    before: { time: 0, height: info.padInfo.top, width: info.padInfo.left },
  };
}

function readPool3D(shape: number[], attrs: PoolAttributes): PoolGeometry | undefined {
  const { filterSize, strides, pad, dimRoundingMode, dataFormat = 'NDHWC' } = attrs;
  if (dataFormat !== 'NDHWC') return undefined;
  const info = backend_util.computePool3DInfo(
    shape as [number, number, number, number, number],
    filterSize as [number, number, number],
    strides as [number, number, number],
    1,
    pad,
    dimRoundingMode,
  );
  return {
    batch: info.batchSize,
    channels: info.inChannels,
    input: { time: info.inDepth, height: info.inHeight, width: info.inWidth },
    output: { time: info.outDepth, height: info.outHeight, width: info.outWidth },
    window: { time: info.filterDepth, height: info.filterHeight, width: info.filterWidth },
    strides: { time: info.strideDepth, height: info.strideHeight, width: info.strideWidth },
    before: { time: info.padInfo.front, height: info.padInfo.top, width: info.padInfo.left },
  };
}
