import { add, reshape, tidy, type Tensor5D } from '@tensorflow/tfjs-core';
import { consume, foldTime, type ParamsOf } from '@od-vae/core';

import { causalConv3d, causalConv3dSpec, conv2dSpec } from './causal-conv3d.ts';
import { type GroupNormOptions, groupNormSilu, groupNormSpec } from './group-norm.ts';

/** How a block sees time: `2d` each frame alone, `3d` causally, `mixed` first 3d then 2d (variant 2). */
export type Convolution = '2d' | 'mixed' | '3d';

/** Weights of a residual block; the shortcut exists only where the channels change. */
export function resnetBlockSpec(inChannels: number, outChannels: number, convolution: Convolution) {
  const first = convolution === '2d' ? conv2dSpec : causalConv3dSpec;
  return {
    norm1: groupNormSpec(inChannels),
    conv1: first(inChannels, outChannels),
    norm2: groupNormSpec(outChannels),
    conv2: convolution === '3d' ? causalConv3dSpec(outChannels, outChannels) : conv2dSpec(outChannels, outChannels),
    shortcut: inChannels === outChannels ? undefined : shortcutSpec(inChannels, outChannels, convolution),
  };
}

function shortcutSpec(inChannels: number, outChannels: number, convolution: Convolution) {
  return convolution === '2d'
    ? conv2dSpec(inChannels, outChannels, [1, 1])
    : causalConv3dSpec(inChannels, outChannels, [1, 1, 1]);
}

/** Weights of one residual block. */
export type ResnetBlockParams = ParamsOf<ReturnType<typeof resnetBlockSpec>>;

/** Options of {@link resnetBlock}. */
export interface ResnetBlockOptions extends GroupNormOptions {
  /**
   * Whether the block may free its input once it has read it for the last time, which is before its output is made where
   * there is a shortcut: a fifth less memory at the widest place of a decoder.
   */
  ownsInput?: boolean | undefined;
}

/**
 * Norm, SiLU, convolution, twice, added to the input (through a 1x1x1 convolution where the channels change).
 *
 * The kernels' own extent in time says what the block sees. A `2d` block also takes its norms frame by frame: run it
 * through `perFrame`.
 */
export function resnetBlock(params: ResnetBlockParams, x: Tensor5D, options: ResnetBlockOptions = {}): Tensor5D {
  return tidy('resnetBlock', () => {
    const first = groupNormSilu(params.norm1, x, options);
    const hidden = consume(first, (clip) => causalConv3d(params.conv1, clip));
    const second = consume(hidden, (clip) => groupNormSilu(params.norm2, clip, options));
    const residual = consume(second, (clip) => causalConv3d(params.conv2, clip));
    const skip = params.shortcut ? causalConv3d(params.shortcut, x) : x;
    if (options.ownsInput && params.shortcut) x.dispose();
    return addClips(skip, residual);
  });
}

/** Sum of two clips of one shape, added as rank 4. */
export function addClips(a: Tensor5D, b: Tensor5D): Tensor5D {
  return tidy(() => reshape(add(foldTime(a), foldTime(b)), a.shape));
}
