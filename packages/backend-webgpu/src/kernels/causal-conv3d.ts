import type { KernelConfig } from '@tensorflow/tfjs-core';

import { clipSource, enlargedSource, type Enlargement, enlargementSizes } from '../programs/pixel-source.ts';
import type { WebgpuBackend } from '../webgpu-backend.ts';
import { convolutionAttributes, convolutionGeometry, convolutionSizes } from './convolution-geometry.ts';
import { runConvolution } from './run-convolution.ts';

/** `CausalConv3D`: a convolution that never looks ahead in time. */
export const causalConv3d: KernelConfig = {
  kernelName: 'CausalConv3D',
  backendName: 'webgpu',
  kernelFunc: ({ inputs, attrs, backend }) => {
    const [x, weight, bias] = [inputs['x']!, inputs['weight']!, inputs['bias']!];
    const geometry = convolutionGeometry(x.shape, weight.shape, convolutionAttributes(attrs));
    return runConvolution(backend as WebgpuBackend, 'causalConv3d', {
      source: clipSource(geometry.channels % 4 === 0),
      tensors: [x],
      weight,
      bias,
      sizes: convolutionSizes(geometry),
      shape: [geometry.batch, ...geometry.output, geometry.outs],
    });
  },
};

/** `UpsampleCausalConv3D`: the clip is enlarged while its pixels are read, so the enlarged clip never exists. */
export const upsampleCausalConv3d: KernelConfig = {
  kernelName: 'UpsampleCausalConv3D',
  backendName: 'webgpu',
  kernelFunc: ({ inputs, attrs, backend }) => {
    const [x, weight, bias] = [inputs['x']!, inputs['weight']!, inputs['bias']!];
    const enlargement = attrs as unknown as Enlargement;
    const geometry = convolutionGeometry(enlargedShape(x.shape, enlargement), weight.shape, UNSTRIDED);
    return runConvolution(backend as WebgpuBackend, 'upsampleConv3d', {
      source: enlargedSource(geometry.channels % 4 === 0),
      tensors: [x],
      weight,
      bias,
      sizes: { ...convolutionSizes(geometry), ...enlargementSizes(enlargement, x.shape[1]!) },
      shape: [geometry.batch, ...geometry.output, geometry.outs],
    });
  },
};

/** A convolution of the enlarged clip. */
export const UNSTRIDED = { strides: [1, 1, 1], border: 'around' } as const;

/** The shape of the enlarged clip. */
export function enlargedShape(shape: readonly number[], { time }: Enlargement): number[] {
  const [batch, frames, height, width, channels] = shape as [number, number, number, number, number];
  return [batch, time ? 2 * frames - 1 : frames, 2 * height, 2 * width, channels];
}
