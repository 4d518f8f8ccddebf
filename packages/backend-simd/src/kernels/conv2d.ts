import { backend_util, type KernelFunc } from '@tensorflow/tfjs-core';

import {
  convolutionKernel,
  filterGradientKernel,
  inputGradientKernel,
  type StockConvolution,
} from './stock-convolution.ts';

type Shape = [number, number, number, number];

interface Conv2DAttributes {
  strides: [number, number] | number;
  pad: Parameters<typeof backend_util.computeConv2DInfo>[4];
  dataFormat: 'NHWC' | 'NCHW';
  dilations?: [number, number] | number;
  dimRoundingMode?: 'floor' | 'round' | 'ceil';
  inputShape?: Shape;
  filterShape?: Shape;
}

/** `Conv2D` of pixels with channels last, without dilation; others are the stock kernel's. */
export const conv2d = convolutionKernel('Conv2D', readConv2D);

/** `Conv2DBackpropInput`, with the same bounds. */
export const conv2dBackpropInput = inputGradientKernel('Conv2DBackpropInput', readConv2D);

/** `Conv2DBackpropFilter`, with the same bounds. */
export const conv2dBackpropFilter = filterGradientKernel('Conv2DBackpropFilter', readConv2D);

/** A batch of images is a clip whose frames do not meet. */
function readConv2D({ inputs, attrs }: Parameters<KernelFunc>[0]): StockConvolution | undefined {
  const { strides, pad, dataFormat, dilations = 1, dimRoundingMode, ...shapes } = attrs as unknown as Conv2DAttributes;
  if (dataFormat === 'NCHW') return undefined;
  const inputShape = shapes.inputShape ?? (inputs['x']!.shape as Shape);
  const filterShape = shapes.filterShape ?? (inputs['filter']!.shape as Shape);
  const info = backend_util.computeConv2DInfo(inputShape, filterShape, strides, dilations, pad, dimRoundingMode);
  if (info.dilationHeight !== 1 || info.dilationWidth !== 1 || filterShape[2] !== info.inChannels) return undefined;
  const input = { time: info.batchSize, height: info.inHeight, width: info.inWidth };
  return {
    inputShape,
    filterShape,
    outputShape: info.outShape,
    geometry: {
      batch: 1,
      channels: info.inChannels,
      outChannels: info.outChannels,
      source: input,
      input,
      output: { time: info.batchSize, height: info.outHeight, width: info.outWidth },
      kernel: { time: 1, height: info.filterHeight, width: info.filterWidth },
      strides: { time: 1, height: info.strideHeight, width: info.strideWidth },
      top: info.padInfo.top,
      left: info.padInfo.left,
      enlargement: undefined,
    },
  };
}
