import { foldTime, unfoldTime } from '@od-vae/core';
import { pickFrames, type Triple } from '@od-vae/layers';
import {
  add,
  concat,
  conv2d,
  pad,
  reshape,
  type Tensor1D,
  type Tensor4D,
  type Tensor5D,
  tidy,
  transpose,
  zeros,
} from '@tensorflow/tfjs-core';

/** Weights of a convolution that may have no bias; the kernel is `[time, height, width, in, out]`. */
export interface ConvolutionParams {
  readonly weight: Tensor5D;
  readonly bias?: Tensor1D | undefined;
}

/**
 * Ordinary 3D convolution: it looks as far ahead as back, and beyond the clip all is zero, in time and in space.
 *
 * @param padding zeros on each side, as `[time, height, width]`
 */
export function zeroPaddedConv3d(
  { weight, bias }: ConvolutionParams,
  x: Tensor5D,
  { strides, padding }: { strides: Triple; padding: Triple },
): Tensor5D {
  return tidy('zeroPaddedConv3d', () => {
    const [taps, kernelHeight, kernelWidth, inChannels, outChannels] = weight.shape;
    const frames = stackTaps(x, taps, strides[0], padding[0]);
    const [, top, left] = padding;
    const padded = pad(foldTime(frames), [
      [0, 0],
      [top, top],
      [left, left],
      [0, 0],
    ]);
    // The taps in time become channels of one 2D convolution, which every backend computes fast and differentiates right.
    const kernel = reshape(transpose(weight, [1, 2, 0, 3, 4]), [
      kernelHeight,
      kernelWidth,
      taps * inChannels,
      outChannels,
    ]) as Tensor4D;
    const y = conv2d<Tensor4D>(padded, kernel, [strides[1], strides[2]], 'valid');
    return unfoldTime(bias ? add(y, bias) : y, x.shape[0]);
  });
}

/** For every output frame the frames that its taps read, one behind the other on the channels. */
function stackTaps(x: Tensor5D, taps: number, stride: number, padding: number): Tensor5D {
  if (taps === 1 && stride === 1 && padding === 0) return x;
  const [batch, time, height, width, channels] = x.shape;
  const nothing = zeros([batch, padding, height, width, channels]) as Tensor5D;
  const longer = padding > 0 ? concat([nothing, x, nothing], 1) : x;
  const count = Math.floor((time + 2 * padding - taps) / stride) + 1;
  const parts = Array.from({ length: taps }, (_, tap) =>
    foldTime(
      pickFrames(
        longer,
        Array.from({ length: count }, (_frame, index) => index * stride + tap),
      ),
    ),
  );
  return unfoldTime(concat(parts, 3), batch);
}
