import type { KernelConfig } from '@tensorflow/tfjs-core';

import { clipSource } from '../programs/pixel-source.ts';
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
