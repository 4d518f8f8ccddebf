import type { NamedAttrMap } from '@tensorflow/tfjs-core';

/** What stands around an image. */
type Border = 'around' | 'after' | 'none';

/** Steps of a convolution in time, height and width, and the border that it meets. */
export interface ConvolutionAttributes {
  readonly strides: readonly number[];
  readonly border: Border;
}

/** All sizes of a causal convolution. */
export interface ConvolutionGeometry {
  readonly batch: number;
  /** `[time, height, width]` of the clip that the taps read, and of the result. */
  readonly input: Extent;
  readonly output: Extent;
  readonly kernel: Extent;
  readonly strides: Extent;
  readonly channels: number;
  readonly outs: number;
  /** Rows and columns of zeros before the image. */
  readonly top: number;
  readonly left: number;
}

/** `[time, height, width]`. */
type Extent = readonly [number, number, number];

/** All sizes of a convolution, from the clip `[batch, time, height, width, channels]` that its taps read. */
export function convolutionGeometry(
  x: readonly number[],
  weight: readonly number[],
  { strides, border }: ConvolutionAttributes,
): ConvolutionGeometry {
  const [batch, time, height, width, channels] = x as [number, number, number, number, number];
  const kernel: Extent = [weight[0]!, weight[1]!, weight[2]!];
  const steps: Extent = [strides[0]!, strides[1]!, strides[2]!];
  const [vertical, horizontal] = [zeroRows(kernel[1], border), zeroRows(kernel[2], border)];
  return {
    batch,
    input: [time, height, width],
    output: [
      Math.floor((time - 1) / steps[0]) + 1,
      Math.floor((height + vertical.total - kernel[1]) / steps[1]) + 1,
      Math.floor((width + horizontal.total - kernel[2]) / steps[2]) + 1,
    ],
    kernel,
    strides: steps,
    channels,
    outs: weight[4]!,
    top: vertical.before,
    left: horizontal.before,
  };
}

/** The attributes of a convolution as its kernel gets them. */
export function convolutionAttributes(attrs: NamedAttrMap | undefined): ConvolutionAttributes {
  return attrs as unknown as ConvolutionAttributes;
}

/** The sizes that a convolution's program wants by name. */
export function convolutionSizes(geometry: ConvolutionGeometry): Record<string, number> {
  const { batch, input, output, kernel, strides, channels, outs, top, left } = geometry;
  return {
    pixels: batch * output[0] * output[1] * output[2],
    taps: kernel[0] * kernel[1] * kernel[2],
    tapsHigh: kernel[1],
    tapsWide: kernel[2],
    slots: Math.ceil(channels / 4),
    channels,
    outs,
    time: input[0],
    height: input[1],
    width: input[2],
    outTime: output[0],
    outHeight: output[1],
    outWidth: output[2],
    stepTime: strides[0],
    stepHigh: strides[1],
    stepWide: strides[2],
    top,
    left,
  };
}

function zeroRows(kernel: number, border: Border): { before: number; total: number } {
  if (border === 'none') return { before: 0, total: 0 };
  if (border === 'after') return { before: 0, total: kernel - 2 };
  return { before: Math.floor((kernel - 1) / 2), total: kernel - 1 };
}
