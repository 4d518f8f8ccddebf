import type { KernelConfig, NamedAttrMap, NamedTensorInfoMap, TensorInfo } from '@tensorflow/tfjs-core';

import {
  type Activation,
  APPLIED_TOGETHER,
  applyScalesProgram,
  channelScalesProgram,
  channelSumsProgram,
  type NormLayout,
  normLayout,
} from '../programs/group-norm.ts';
import type { WebgpuBackend } from '../webgpu-backend.ts';

/** `GroupNorm`: each sample and group of channels to mean 0 and variance 1, then scaled. */
export const groupNorm: KernelConfig = {
  kernelName: 'GroupNorm',
  backendName: 'webgpu',
  kernelFunc: ({ inputs, attrs, backend }) => normalize(backend as WebgpuBackend, inputs, attrs, 'none'),
};

/** `GroupNormSilu`: the same, then `y * sigmoid(y)`. */
export const groupNormSilu: KernelConfig = {
  kernelName: 'GroupNormSilu',
  backendName: 'webgpu',
  kernelFunc: ({ inputs, attrs, backend }) => normalize(backend as WebgpuBackend, inputs, attrs, 'silu'),
};

function normalize(
  backend: WebgpuBackend,
  inputs: NamedTensorInfoMap,
  attrs: NamedAttrMap | undefined,
  activation: Activation,
): TensorInfo {
  const x = inputs['x']!;
  const layout = normLayout(x.shape, backend.tileDevice);
  const { scales, moments } = channelScales(backend, layout, inputs, attrs);
  backend.disposeData(moments.dataId);
  const { batch, pixels, columns, full } = layout;
  const total = batch * pixels * columns;
  const compute = (y: TensorInfo) => {
    const { tensor, half } = backend.stored(x);
    backend.dispatch(applyScalesProgram(full, activation, half), {
      reads: [tensor, scales],
      writes: [y],
      sizes: { ...layoutSizes(layout), total },
      groups: [Math.ceil(total / APPLIED_TOGETHER)],
    });
  };
  return backend.defer({ kind: 'scale', source: x, scales, activation, pixels, compute });
}

/**
 * What each channel of each sample is multiplied by, and what is added then: `[batch, 2, channels]`. And `moments`, mean and
 * inverse deviation of each group: `[batch, groups, 2]`.
 */
export function channelScales(
  backend: WebgpuBackend,
  layout: NormLayout,
  { x, scale, bias }: NamedTensorInfoMap,
  attrs: NamedAttrMap | undefined,
): { scales: TensorInfo; moments: TensorInfo } {
  const { groups, epsilon } = attrs as unknown as { groups: number; epsilon: number };
  const { batch, channels, columns, threads, chunks } = layout;
  const sums = backend.output('groupNorm', [batch, chunks, 2, channels]);
  const { tensor, half } = backend.stored(x!);
  backend.dispatch(channelSumsProgram(layout, half), {
    reads: [tensor],
    writes: [sums],
    sizes: layoutSizes(layout),
    groups: [batch * chunks, Math.ceil(columns / threads)],
  });
  const scales = backend.output('groupNorm', [batch, 2, channels]);
  const moments = backend.output('groupNorm', [batch, groups, 2]);
  backend.dispatch(channelScalesProgram(half, backend.hasSubgroups), {
    reads: [tensor, sums, scale!, bias!],
    writes: [scales, moments],
    sizes: { ...layoutSizes(layout), normGroups: groups, epsilon },
    groups: [batch * groups],
  });
  backend.disposeData(sums.dataId);
  return { scales, moments };
}

/** The sizes of a layout that its programs want by name. */
export function layoutSizes({ pixels, channels, columns, chunks, chunkPixels }: NormLayout): Record<string, number> {
  return { pixels, channels, columns, chunks, chunkPixels };
}
