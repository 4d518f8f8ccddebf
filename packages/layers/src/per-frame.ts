import { reshape, tidy, type Tensor5D } from '@tensorflow/tfjs-core';

/**
 * A clip layer that sees each frame by itself: time moves into the batch and back.
 *
 * Run so, a residual block with one-tap kernels is the 2D block of SD-VAE, norm statistics included.
 */
export function perFrame(layer: (x: Tensor5D) => Tensor5D): (x: Tensor5D) => Tensor5D {
  return (x) =>
    tidy('perFrame', () => {
      const [batch, time, ...image] = x.shape;
      const y = layer(reshape(x, [batch * time, 1, ...image]));
      const [, , ...outImage] = y.shape;
      return reshape(y, [batch, time, ...outImage]);
    });
}
