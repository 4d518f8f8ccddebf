import { tidy, type Tensor1D, type Tensor5D } from '@tensorflow/tfjs-core';
import { defineKernel } from '@od-vae/core';

import { assertChannels, type CausalConv3dParams, causalConv3dReference } from './causal-conv3d.ts';
import { type SpatialUpsample, upsampleSpace, upsampleTime } from './resample.ts';

/** Options of {@link upsampleConv3d}. */
export interface UpsampleConv3dOptions {
  /** Doubles time too, all but the first frame. */
  time?: boolean;
  mode: SpatialUpsample;
}

type UpsampleInputs = { x: Tensor5D; weight: Tensor5D; bias: Tensor1D };
type UpsampleAttrs = { time: boolean; mode: SpatialUpsample };

/**
 * Doubles height and width (and time, where asked), then convolves causally: every up-sampler of the decoder.
 *
 * One named op, so that a backend need never hold the enlarged clip.
 */
export function upsampleConv3d(
  params: CausalConv3dParams,
  x: Tensor5D,
  { time = false, mode }: UpsampleConv3dOptions,
): Tensor5D {
  assertChannels('upsampleConv3d', params, x);
  return upsampleConv3dKernel({ x, ...params }, { time, mode });
}

const upsampleConv3dKernel = /* @__PURE__ */ defineKernel(
  'UpsampleCausalConv3D',
  ['x', 'weight', 'bias'],
  ({ x, weight, bias }: UpsampleInputs, { time, mode }: UpsampleAttrs) => {
    const larger = tidy(() => upsampleSpace(time ? upsampleTime(x) : x, mode));
    return causalConv3dReference({ x: larger, weight, bias }, { strides: [1, 1, 1], border: 'around' });
  },
  {
    UpsampleCausalConv3DBackpropInput: ['x'],
    UpsampleCausalConv3DBackpropFilter: ['weight'],
    UpsampleCausalConv3DBackpropBias: ['bias'],
  },
);
