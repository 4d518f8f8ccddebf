import { pad, reshape, slice, tensor1d, tidy, type Tensor1D, type Tensor5D } from '@tensorflow/tfjs-core';

import {
  type ConvolutionAttributes,
  foldedFor,
  kernelOf,
  kernelShape,
  nativeConvolution,
  padded,
  paddedShape,
  unpadded,
} from './native-convolution.ts';
import { runNative, type TensorflowBackend } from './tensorflow-backend.ts';

/** The gradient of a convolution's clip. */
export function convolveBack(
  backend: TensorflowBackend,
  { x, weight, dy }: { x: Pick<Tensor5D, 'shape'>; weight: Tensor5D; dy: Tensor5D },
  attributes: ConvolutionAttributes,
): Tensor5D {
  const [, , , inChannels, outChannels] = weight.shape;
  return tidy(() => {
    if (inChannels === 1 && outChannels === 1) return convolveOneBack(backend, { x, weight, dy }, attributes);
    const native = nativeConvolution(weight, attributes);
    const sizes = tensor1d(paddedShape(native, x.shape), 'int32');
    const inputs = [sizes, kernelOf(native, weight), foldedFor(native, dy)];
    const op = native.op === 'Conv2D' ? 'Conv2DBackpropInput' : 'Conv3DBackpropInputV2';
    return unpadded(native, runNative(backend, op, inputs, native.attributes), x.shape);
  });
}

/**
 * From one channel to one, TensorFlow 2.21 with oneDNN gives a wrong `Conv3DBackpropInputV2`; with a second channel that
 * nobody reads it is right.
 */
function convolveOneBack(
  backend: TensorflowBackend,
  { x, weight, dy }: { x: Pick<Tensor5D, 'shape'>; weight: Tensor5D; dy: Tensor5D },
  attributes: ConvolutionAttributes,
): Tensor5D {
  const [batch, time, height, width] = x.shape;
  const two = pad(weight, [
    [0, 0],
    [0, 0],
    [0, 0],
    [0, 1],
    [0, 0],
  ]);
  const gradient = convolveBack(
    backend,
    { x: { shape: [batch, time, height, width, 2] }, weight: two, dy },
    attributes,
  );
  return slice(gradient, [0, 0, 0, 0, 0], x.shape);
}

/** The gradient of a convolution's kernel. */
export function filterGradient(
  backend: TensorflowBackend,
  { x, weight, dy }: { x: Tensor5D; weight: Tensor5D; dy: Tensor5D },
  attributes: ConvolutionAttributes,
): Tensor5D {
  return tidy(() => {
    const native = nativeConvolution(weight, attributes);
    const sizes = tensor1d(kernelShape(native, weight.shape), 'int32');
    const op = native.op === 'Conv2D' ? 'Conv2DBackpropFilter' : 'Conv3DBackpropFilterV2';
    const gradient = runNative(backend, op, [padded(native, x), sizes, foldedFor(native, dy)], native.attributes);
    return reshape(gradient, weight.shape);
  });
}

/** The gradient of a convolution's bias. */
export function biasGradient(backend: TensorflowBackend, dy: Tensor5D): Tensor1D {
  return runNative(backend, 'BiasAddGrad', [dy]);
}
