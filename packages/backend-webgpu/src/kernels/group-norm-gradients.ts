import type { KernelConfig, NamedAttrMap, NamedTensorInfoMap, TensorInfo } from '@tensorflow/tfjs-core';

import { COPIED_TOGETHER, copyPartProgram } from '../programs/copy-part.ts';
import { type Activation, normLayout } from '../programs/group-norm.ts';
import {
  clipSlopesProgram,
  SLOPES_TOGETHER,
  slopeSumsProgram,
  slopeTermsProgram,
} from '../programs/group-norm-gradient.ts';
import type { WebgpuBackend } from '../webgpu-backend.ts';
import { channelScales, layoutSizes } from './group-norm.ts';
import { rowSums } from './row-sums.ts';

/** `GroupNormGrad`: the gradients of clip, scale and bias. */
export const groupNormGrad: KernelConfig = {
  kernelName: 'GroupNormGrad',
  backendName: 'webgpu',
  kernelFunc: ({ inputs, attrs, backend }) => normalizeBack(backend as WebgpuBackend, inputs, attrs, 'none'),
};

/** `GroupNormSiluGrad`: the same, through SiLU. */
export const groupNormSiluGrad: KernelConfig = {
  kernelName: 'GroupNormSiluGrad',
  backendName: 'webgpu',
  kernelFunc: ({ inputs, attrs, backend }) => normalizeBack(backend as WebgpuBackend, inputs, attrs, 'silu'),
};

function normalizeBack(
  backend: WebgpuBackend,
  inputs: NamedTensorInfoMap,
  attrs: NamedAttrMap | undefined,
  activation: Activation,
): TensorInfo[] {
  const [x, dy] = [inputs['x']!, inputs['dy']!];
  const { groups } = attrs as unknown as { groups: number };
  const layout = normLayout(x.shape, backend.tileDevice);
  const { batch, channels, columns, threads, chunks, full } = layout;
  const sizes = layoutSizes(layout);
  const make = (...shape: number[]) => backend.output('groupNorm', shape);
  const { scales, moments } = channelScales(backend, layout, inputs, attrs);
  const { tensor, half } = backend.stored(x);
  const sums = make(batch, chunks, 2, channels);
  backend.dispatch(slopeSumsProgram(layout, activation, half), {
    reads: [tensor, dy, scales],
    writes: [sums],
    sizes,
    groups: [batch * chunks, Math.ceil(columns / threads)],
  });
  const [affine, terms, dx] = [make(batch, 2, channels), make(batch, 3, channels), make(...x.shape)];
  backend.dispatch(slopeTermsProgram(half, backend.hasSubgroups), {
    reads: [tensor, sums, inputs['scale']!, moments],
    writes: [affine, terms],
    sizes: { ...sizes, normGroups: groups },
    groups: [batch * groups],
  });
  const total = batch * layout.pixels * columns;
  backend.dispatch(clipSlopesProgram(full, activation, half), {
    reads: [tensor, dy, scales, terms],
    writes: [dx],
    sizes: { ...sizes, total },
    groups: [Math.ceil(total / SLOPES_TOGETHER)],
  });
  const [dScale, dBias] = ofBothRows(backend, affine, batch, channels);
  for (const { dataId } of [scales, moments, sums, affine, terms]) backend.disposeData(dataId);
  return [dx, dScale, dBias];
}

/** `[batch, 2, channels]` summed over the batch, each of the two as a tensor of its own. */
function ofBothRows(
  backend: WebgpuBackend,
  affine: TensorInfo,
  batch: number,
  channels: number,
): [TensorInfo, TensorInfo] {
  const both = rowSums(backend, affine, batch, [2 * channels]);
  const halves = [0, 1].map((row) => {
    const half = backend.output('groupNorm', [channels]);
    backend.dispatch(copyPartProgram, {
      reads: [both],
      writes: [half],
      sizes: { begin: row * channels, total: channels },
      groups: [Math.ceil(channels / COPIED_TOGETHER)],
    });
    return half;
  });
  backend.disposeData(both.dataId);
  return halves as [TensorInfo, TensorInfo];
}
