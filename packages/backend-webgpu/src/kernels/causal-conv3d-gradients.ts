import type { KernelConfig, NamedAttrMap, NamedTensorInfoMap, TensorInfo } from '@tensorflow/tfjs-core';

import type { Enlargement } from '../programs/pixel-source.ts';
import { SHRUNK_TOGETHER, shrinkProgram } from '../programs/shrink.ts';
import type { WebgpuBackend } from '../webgpu-backend.ts';
import { enlargedShape, UNSTRIDED } from './causal-conv3d.ts';
import { biasGradient, filterGradient, inputGradient } from './convolution-gradients.ts';
import { clipReading, enlargedReading, normReading } from './clip-reading.ts';
import { convolutionAttributes, type ConvolutionGeometry, convolutionGeometry } from './convolution-geometry.ts';

type Gradient = (backend: WebgpuBackend, inputs: NamedTensorInfoMap, attrs: NamedAttrMap | undefined) => TensorInfo;

/** `CausalConv3DBackpropInput`, `…Filter` and `…Bias`: the gradients of a causal convolution. */
export const causalConv3dGradients: readonly KernelConfig[] = [
  gradientKernel('CausalConv3DBackpropInput', (backend, inputs, attrs) =>
    inputGradient(backend, geometryOf(inputs, attrs), inputs['dy']!, inputs['weight']!),
  ),
  gradientKernel('CausalConv3DBackpropFilter', (backend, inputs, attrs) => {
    const reading = normReading(backend, inputs['x']!) ?? clipReading(backend, inputs['x']!);
    return filterGradient(backend, { ...reading, geometry: geometryOf(inputs, attrs), dy: inputs['dy']! });
  }),
  gradientKernel('CausalConv3DBackpropBias', (backend, inputs) => biasGradient(backend, inputs['dy']!)),
];

/** `UpsampleCausalConv3DBackpropInput`, `…Filter` and `…Bias`; the kernel's reads the enlarged clip, which is never made. */
export const upsampleCausalConv3dGradients: readonly KernelConfig[] = [
  gradientKernel('UpsampleCausalConv3DBackpropInput', (backend, inputs, attrs) => {
    const enlargement = attrs as unknown as Enlargement;
    const larger = inputGradient(backend, enlargedGeometry(inputs, enlargement), inputs['dy']!, inputs['weight']!);
    const dx = shrink(backend, larger, inputs['x']!.shape, enlargement);
    backend.disposeData(larger.dataId);
    return dx;
  }),
  gradientKernel('UpsampleCausalConv3DBackpropFilter', (backend, inputs, attrs) => {
    const enlargement = attrs as unknown as Enlargement;
    const reading = enlargedReading(backend, inputs['x']!, enlargement);
    return filterGradient(backend, { ...reading, geometry: enlargedGeometry(inputs, enlargement), dy: inputs['dy']! });
  }),
  gradientKernel('UpsampleCausalConv3DBackpropBias', (backend, inputs) => biasGradient(backend, inputs['dy']!)),
];

function gradientKernel(kernelName: string, run: Gradient): KernelConfig {
  return {
    kernelName,
    backendName: 'webgpu',
    kernelFunc: ({ inputs, attrs, backend }) => run(backend as WebgpuBackend, inputs, attrs),
  };
}

function geometryOf({ x, weight }: NamedTensorInfoMap, attrs: NamedAttrMap | undefined): ConvolutionGeometry {
  return convolutionGeometry(x!.shape, weight!.shape, convolutionAttributes(attrs));
}

function enlargedGeometry({ x, weight }: NamedTensorInfoMap, enlargement: Enlargement): ConvolutionGeometry {
  return convolutionGeometry(enlargedShape(x!.shape, enlargement), weight!.shape, UNSTRIDED);
}

function shrink(
  backend: WebgpuBackend,
  dy: TensorInfo,
  shape: readonly number[],
  { time: doubled, mode }: Enlargement,
): TensorInfo {
  const [batch, time, height, width, channels] = shape as [number, number, number, number, number];
  const full = channels % 4 === 0;
  const columns = full ? channels / 4 : channels;
  const total = batch * time * height * width * columns;
  const dx = backend.output('upsampleConv3d', shape);
  backend.dispatch(shrinkProgram(full), {
    reads: [dy],
    writes: [dx],
    sizes: { time, height, width, columns, total, doubled: Number(doubled), mixed: Number(mode === 'trilinear') },
    groups: [Math.ceil(total / SHRUNK_TOGETHER)],
  });
  return dx;
}
