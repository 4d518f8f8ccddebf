import type { ParamsOf, ParamTree, SpecTree } from '@od-vae/core';
import {
  attentionSpec,
  type AttentionStorage,
  averageTime,
  causalConv3d,
  causalConv3dSpec,
  type Convolution,
  conv2dSpec,
  conv3dSpec,
  groupNormSpec,
  mixClips,
  perFrame,
  resnetBlock,
  resnetBlockSpec,
  scrambledAttention,
  type SpatialUpsample,
  spatialAttention,
  temporalAttention,
  upsampleConv3d,
  upsampleTime,
} from '@od-vae/layers';
import { constant, param, sliceFrames } from '@od-vae/core';
import { concat, tidy, type Tensor1D, type Tensor5D } from '@tensorflow/tfjs-core';

import type {
  ATTENTION_BLOCKS,
  CONVOLUTIONS,
  RESNET_BLOCKS,
  SPATIAL_DOWNSAMPLERS,
  SPATIAL_UPSAMPLERS,
  TEMPORAL_DOWNSAMPLERS,
  TEMPORAL_UPSAMPLERS,
} from './config.ts';

/** What a block needs to know beside its weights. */
export interface BlockOptions {
  /** Groups of its norms. */
  groups: number;
  /** How the space-time up-samplers enlarge an image. */
  spatialUpsample: SpatialUpsample;
  /** Whether the block may free its input once it has read it. */
  ownsInput?: boolean | undefined;
}

/** A layer that a config names: the weights it has and what it computes with them. */
export interface Block {
  spec(inChannels: number, outChannels: number): SpecTree;
  run(params: ParamTree, x: Tensor5D, options: BlockOptions): Tensor5D;
}

/** Hides the type of a block's weights: which block a name means is known only when the config is read. */
function block<Spec extends SpecTree>(
  spec: (inChannels: number, outChannels: number) => Spec,
  run: (params: ParamsOf<Spec>, x: Tensor5D, options: BlockOptions) => Tensor5D,
): Block {
  return { spec, run: run as Block['run'] };
}

/** 3x3(x3) convolutions, by class name. */
export const convolutions: Record<(typeof CONVOLUTIONS)[number], Block> = {
  CausalConv3d: block(causalConv3dSpec, (params, x) => causalConv3d(params, x)),
  Conv2d: block(conv2dSpec, (params, x) => causalConv3d(params, x)),
};

/** 1x1x1 convolutions, by class name. */
export const pointwiseConvolutions: Record<(typeof CONVOLUTIONS)[number], Block> = {
  CausalConv3d: block(
    (inChannels, outChannels) => causalConv3dSpec(inChannels, outChannels, [1, 1, 1]),
    (params, x) => causalConv3d(params, x),
  ),
  Conv2d: block(
    (inChannels, outChannels) => conv2dSpec(inChannels, outChannels, [1, 1]),
    (params, x) => causalConv3d(params, x),
  ),
};

const residual = (convolution: Convolution) => (inChannels: number, outChannels: number) =>
  resnetBlockSpec(inChannels, outChannels, convolution);

/** Residual blocks, by class name. */
export const resnetBlocks: Record<(typeof RESNET_BLOCKS)[number], Block> = {
  ResnetBlock2D: block(residual('2d'), (params, x, { groups }) =>
    perFrame((y) => resnetBlock(params, y, { groups }))(x),
  ),
  ResnetBlock3D: block(residual('3d'), resnetBlock),
  ResnetBlockMixed: block(residual('mixed'), resnetBlock),
};

const attention = (storage: AttentionStorage) => (channels: number) => attentionSpec(channels, storage);

/** Attention blocks, by class name. */
export const attentionBlocks: Record<(typeof ATTENTION_BLOCKS)[number], Block> = {
  AttnBlock: block(attention('conv2d'), (params, x, options) =>
    perFrame((y) => spatialAttention(params, y, options))(x),
  ),
  AttnBlock3DFix: block(attention('causal'), spatialAttention),
  AttnBlock3D: block(attention('causal'), scrambledAttention),
  TemporalAttnBlock: block(attention('conv3d'), temporalAttention),
};

const conv2d = (channels: number) => ({ conv: conv2dSpec(channels, channels) });
const spatialConv = (channels: number) => ({ conv: causalConv3dSpec(channels, channels, [1, 3, 3]) });
const spaceTimeConv = (channels: number) => ({ conv: causalConv3dSpec(channels, channels) });

const HALVE_SPACE = { strides: [1, 2, 2], border: 'after' } as const;
const HALVE_ALL = { strides: [2, 2, 2], border: 'after' } as const;

/** Down-samplers in space (and time), by class name. */
export const spatialDownsamplers: Record<Exclude<(typeof SPATIAL_DOWNSAMPLERS)[number], ''>, Block> = {
  Downsample: block(conv2d, ({ conv }, x) => causalConv3d(conv, x, HALVE_SPACE)),
  SpatialDownsample2x: block(spatialConv, ({ conv }, x) => causalConv3d(conv, x, HALVE_SPACE)),
  Spatial2x3DDownsample: block(spaceTimeConv, ({ conv }, x) => causalConv3d(conv, x, HALVE_SPACE)),
  Spatial2xTime2x3DDownsample: block(spaceTimeConv, ({ conv }, x) => causalConv3d(conv, x, HALVE_ALL)),
};

/** Up-samplers in space (and time), by class name. */
export const spatialUpsamplers: Record<Exclude<(typeof SPATIAL_UPSAMPLERS)[number], ''>, Block> = {
  Upsample: block(conv2d, ({ conv }, x) => upsampleConv3d(conv, x, { mode: 'nearest' })),
  SpatialUpsample2x: block(spatialConv, ({ conv }, x) => upsampleConv3d(conv, x, { mode: 'nearest' })),
  Spatial2x3DUpsample: block(spaceTimeConv, ({ conv }, x, { spatialUpsample }) =>
    upsampleConv3d(conv, x, { mode: spatialUpsample }),
  ),
  Spatial2xTime2x3DUpsample: block(spaceTimeConv, ({ conv }, x, { spatialUpsample }) =>
    upsampleConv3d(conv, x, { time: true, mode: spatialUpsample }),
  ),
};

const mixFactor = (start: number) => param<Tensor1D>([1], 'mix_factor', { fill: constant(start) });

/** The branch of the `ResAdv` samplers before their convolution. */
const refined = (channels: number) => ({
  residual: resnetBlockSpec(channels, channels, '3d'),
  attention: attentionSpec(channels, 'conv3d'),
});

function refine(params: ParamsOf<ReturnType<typeof refined>>, x: Tensor5D, options: BlockOptions): Tensor5D {
  return tidy(() =>
    temporalAttention(params.attention, resnetBlock(params.residual, x, { groups: options.groups }), options),
  );
}

const HALVE_TIME = { strides: [2, 1, 1] } as const;

/** Down-samplers in time, by class name. */
export const temporalDownsamplers: Record<Exclude<(typeof TEMPORAL_DOWNSAMPLERS)[number], ''>, Block> = {
  TimeDownsample2x: block(
    () => ({}),
    (_, x) => averageTime(x),
  ),
  TimeDownsampleRes2x: block(
    (channels) => ({ mixFactor: mixFactor(2), conv: conv3dSpec(channels, channels) }),
    (params, x) => tidy(() => mixClips(params.mixFactor, averageTime(x), causalConv3d(params.conv, x, HALVE_TIME))),
  ),
  TimeDownsampleResAdv2x: block(
    (channels) => ({ mixFactor: mixFactor(1.5), ...refined(channels), conv: conv3dSpec(channels, channels) }),
    (params, x, options) =>
      tidy(() => {
        // The branch runs on the clip with its two repeated frames in front; what a plain convolution makes of that
        // is what a causal one gives from its second output on.
        const learned = causalConv3d(params.conv, refine(params, repeatFirst(x, 2), options), HALVE_TIME);
        return mixClips(params.mixFactor, averageTime(x), sliceFrames(learned, 1, learned.shape[1]));
      }),
  ),
};

function repeatFirst(x: Tensor5D, count: number): Tensor5D {
  const first = sliceFrames(x, 0, 1);
  return concat([...Array<Tensor5D>(count).fill(first), x], 1);
}

/** Up-samplers in time, by class name. */
export const temporalUpsamplers: Record<Exclude<(typeof TEMPORAL_UPSAMPLERS)[number], ''>, Block> = {
  TimeUpsample2x: block(
    () => ({}),
    (_, x) => upsampleTime(x),
  ),
  TimeUpsampleRes2x: block(
    (channels) => ({ mixFactor: mixFactor(2), conv: causalConv3dSpec(channels, channels) }),
    (params, x) =>
      tidy(() => {
        const larger = upsampleTime(x);
        return mixClips(params.mixFactor, larger, causalConv3d(params.conv, larger));
      }),
  ),
  TimeUpsampleResAdv2x: block(
    (channels) => ({
      mixFactor: mixFactor(1.5),
      ...refined(channels),
      /** Held by the files and read by nobody. */
      norm: groupNormSpec(channels),
      conv: causalConv3dSpec(channels, channels),
    }),
    (params, x, options) =>
      tidy(() => {
        const larger = upsampleTime(x);
        return mixClips(params.mixFactor, larger, causalConv3d(params.conv, refine(params, larger, options)));
      }),
  ),
};

/** The layer that a config means by a class name, or undefined when there is none of that name. */
export function blockNamed(name: string): Block | undefined {
  const tables: Readonly<Record<string, Block>>[] = [
    convolutions,
    resnetBlocks,
    attentionBlocks,
    spatialDownsamplers,
    spatialUpsamplers,
    temporalDownsamplers,
    temporalUpsamplers,
  ];
  return tables.find((table) => Object.hasOwn(table, name))?.[name];
}
