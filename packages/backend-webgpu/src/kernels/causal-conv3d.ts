import type { KernelConfig, TensorInfo } from '@tensorflow/tfjs-core';

import { hasLargeBlocks } from '../programs/matrix-tile.ts';
import {
  clipSource,
  enlargedSource,
  type Enlargement,
  enlargementSizes,
  scaledSource,
} from '../programs/pixel-source.ts';
import type { WebgpuBackend } from '../webgpu-backend.ts';
import { convolutionAttributes, convolutionGeometry, convolutionSizes } from './convolution-geometry.ts';
import { type Convolution, runConvolution } from './run-convolution.ts';
import { paysWinograd } from './run-winograd.ts';

/** `CausalConv3D`: a convolution that never looks ahead in time. */
export const causalConv3d: KernelConfig = {
  kernelName: 'CausalConv3D',
  backendName: 'webgpu',
  kernelFunc: ({ inputs, attrs, backend }) => {
    const [x, weight, bias] = [inputs['x']!, inputs['weight']!, inputs['bias']!];
    const geometry = convolutionGeometry(x.shape, weight.shape, convolutionAttributes(attrs));
    const shape = [geometry.batch, ...geometry.output, geometry.outs];
    const reading = readingOf(backend as WebgpuBackend, x, { sizes: convolutionSizes(geometry), shape });
    return runConvolution(backend as WebgpuBackend, 'causalConv3d', { ...reading, weight, bias, shape });
  },
};

/**
 * How a convolution reads its clip: where that is a group norm that nobody has computed yet, and each value is read seldom, be
 * it that it is transformed once or that blocks are large, it reads what the norm comes from.
 */
function readingOf(
  backend: WebgpuBackend,
  x: TensorInfo,
  { sizes, shape }: Pick<Convolution, 'sizes' | 'shape'>,
): Pick<Convolution, 'source' | 'tensors' | 'sizes'> {
  const channels = x.shape.at(-1)!;
  const deferred = backend.deferredScale(x);
  if (deferred?.source.shape.at(-1) === channels && channels % 4 === 0) {
    const { scales, activation, pixels } = deferred;
    const norm = backend.stored(deferred.source);
    const source = scaledSource(activation, norm.half);
    const pays =
      paysWinograd(backend, { source, sizes, shape }) ||
      hasLargeBlocks(backend.tileDevice, sizes['pixels']!, sizes['outs']!);
    if (pays) return { source, tensors: [norm.tensor, scales], sizes: { ...sizes, samplePixels: pixels } };
  }
  const { tensor, half } = backend.stored(x);
  return { source: clipSource(channels % 4 === 0, half), tensors: [tensor], sizes };
}

/** `UpsampleCausalConv3D`: the clip is enlarged while its pixels are read, so the enlarged clip never exists. */
export const upsampleCausalConv3d: KernelConfig = {
  kernelName: 'UpsampleCausalConv3D',
  backendName: 'webgpu',
  kernelFunc: ({ inputs, attrs, backend }) => {
    const [x, weight, bias] = [inputs['x']!, inputs['weight']!, inputs['bias']!];
    const enlargement = attrs as unknown as Enlargement;
    const geometry = convolutionGeometry(enlargedShape(x.shape, enlargement), weight.shape, UNSTRIDED);
    const { tensor, half } = (backend as WebgpuBackend).stored(x);
    return runConvolution(backend as WebgpuBackend, 'upsampleConv3d', {
      source: enlargedSource(geometry.channels % 4 === 0, half),
      tensors: [tensor],
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
