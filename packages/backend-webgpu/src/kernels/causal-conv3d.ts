import type { KernelConfig, TensorInfo } from '@tensorflow/tfjs-core';

import { hasLargeBlocks } from '../programs/matrix-tile.ts';
import type { Enlargement } from '../programs/pixel-source.ts';
import type { WebgpuBackend } from '../webgpu-backend.ts';
import { type ClipReading, clipReading, enlargedReading, normReading } from './clip-reading.ts';
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
    const all = convolutionSizes(geometry);
    const { source, tensors, sizes } = readingOf(backend as WebgpuBackend, x, { sizes: all, shape });
    const convolution = { source, tensors, weight, bias, sizes: { ...all, ...sizes }, shape };
    return runConvolution(backend as WebgpuBackend, 'causalConv3d', convolution);
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
): ClipReading {
  const norm = normReading(backend, x);
  const pays =
    norm !== undefined &&
    (paysWinograd(backend, { source: norm.source, sizes, shape }) ||
      hasLargeBlocks(backend.tileDevice, sizes['pixels']!, sizes['outs']!));
  return pays ? norm : clipReading(backend, x);
}

/** `UpsampleCausalConv3D`: the clip is enlarged while its pixels are read, so the enlarged clip never exists. */
export const upsampleCausalConv3d: KernelConfig = {
  kernelName: 'UpsampleCausalConv3D',
  backendName: 'webgpu',
  kernelFunc: ({ inputs, attrs, backend }) => {
    const [x, weight, bias] = [inputs['x']!, inputs['weight']!, inputs['bias']!];
    const enlargement = attrs as unknown as Enlargement;
    const geometry = convolutionGeometry(enlargedShape(x.shape, enlargement), weight.shape, UNSTRIDED);
    const { source, tensors, sizes } = enlargedReading(backend as WebgpuBackend, x, enlargement);
    return runConvolution(backend as WebgpuBackend, 'upsampleConv3d', {
      source,
      tensors,
      weight,
      bias,
      sizes: { ...convolutionSizes(geometry), ...sizes },
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
