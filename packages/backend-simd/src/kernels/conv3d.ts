import { backend_util, type KernelFunc } from '@tensorflow/tfjs-core';

import {
  convolutionKernel,
  filterGradientKernel,
  inputGradientKernel,
  type StockConvolution,
} from './stock-convolution.ts';

type Shape = [number, number, number, number, number];

interface Conv3DAttributes {
  strides: [number, number, number] | number;
  pad: 'valid' | 'same';
  dilations?: [number, number, number] | number;
  inputShape?: Shape;
  filterShape?: Shape;
}

/** `Conv3D` without dilation: in time too, what lies outside is zero. Dilated ones are the stock kernel's. */
export const conv3d = convolutionKernel('Conv3D', readConv3D);

/** `Conv3DBackpropInputV2`, with the same bounds. */
export const conv3dBackpropInput = inputGradientKernel('Conv3DBackpropInputV2', readConv3D);

/** `Conv3DBackpropFilterV2`, with the same bounds. */
export const conv3dBackpropFilter = filterGradientKernel('Conv3DBackpropFilterV2', readConv3D);

function readConv3D({ inputs, attrs }: Parameters<KernelFunc>[0]): StockConvolution | undefined {
  const { strides, pad, dilations = 1, ...shapes } = attrs as unknown as Conv3DAttributes;
  const inputShape = shapes.inputShape ?? (inputs['x']!.shape as Shape);
  const filterShape = shapes.filterShape ?? (inputs['filter']!.shape as Shape);
  const info = backend_util.computeConv3DInfo(inputShape, filterShape, strides, dilations, pad);
  const { dilationDepth, dilationHeight, dilationWidth } = info;
  if ([dilationDepth, dilationHeight, dilationWidth].some((step) => step !== 1)) return undefined;
  const input = { time: info.inDepth, height: info.inHeight, width: info.inWidth };
  return {
    inputShape,
    filterShape,
    outputShape: info.outShape,
    geometry: {
      batch: info.batchSize,
      channels: info.inChannels,
      outChannels: info.outChannels,
      source: input,
      input,
      output: { time: info.outDepth, height: info.outHeight, width: info.outWidth },
      kernel: { time: info.filterDepth, height: info.filterHeight, width: info.filterWidth },
      strides: { time: info.strideDepth, height: info.strideHeight, width: info.strideWidth },
      top: info.padInfo.top,
      left: info.padInfo.left,
      enlargement: undefined,
      frames: { direction: 'forward', stride: info.strideDepth, before: info.padInfo.front, edge: 'zero' },
    },
  };
}
