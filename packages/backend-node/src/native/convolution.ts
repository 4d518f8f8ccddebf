import { tidy, type Tensor1D, type Tensor5D } from '@tensorflow/tfjs-core';
import { consume } from '@od-vae/core';

import { clipOf, type ConvolutionAttributes, kernelOf, nativeConvolution, padded } from './native-convolution.ts';
import { runNative, type TensorflowBackend } from './tensorflow-backend.ts';

/** Convolves a clip, and adds the bias. */
export function convolve(
  backend: TensorflowBackend,
  { x, weight, bias }: { x: Tensor5D; weight: Tensor5D; bias: Tensor1D },
  attributes: ConvolutionAttributes,
): Tensor5D {
  return tidy(() => {
    const native = nativeConvolution(weight, attributes);
    const y = consume(padded(native, x), (clip) =>
      runNative(backend, native.op, [clip, kernelOf(native, weight)], native.attributes),
    );
    const biased = consume(y, (values) => runNative(backend, 'BiasAdd', [values, bias]));
    return clipOf(biased, x.shape[0]);
  });
}
