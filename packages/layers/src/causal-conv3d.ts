import {
  add,
  conv2d,
  pad,
  reshape,
  slice,
  tidy,
  type Tensor,
  type Tensor1D,
  type Tensor4D,
  type Tensor5D,
} from '@tensorflow/tfjs-core';
import {
  biasParam,
  consume,
  defineKernel,
  foldTime,
  kernelParam,
  type ParamsOf,
  ShapeError,
  unfoldTime,
} from '@od-vae/core';

import { causalSources, pickFrames } from './pick-frames.ts';

/** Kernel extent or stride as `[time, height, width]`. */
export type Triple = readonly [number, number, number];

/** Weights of one causal convolution, `CausalConv3d` in Open-Sora-Plan's files. */
export function causalConv3dSpec(inChannels: number, outChannels: number, kernelSize: Triple = [3, 3, 3]) {
  return {
    weight: kernelParam([...kernelSize, inChannels, outChannels], 'conv.weight', 'conv3d'),
    bias: biasParam(outChannels, 'conv.bias'),
  };
}

/** Weights of a convolution that sees each frame alone, `Conv2d` in the files. */
export function conv2dSpec(inChannels: number, outChannels: number, kernelSize: readonly [number, number] = [3, 3]) {
  return {
    weight: kernelParam([1, ...kernelSize, inChannels, outChannels], 'weight', 'conv2d'),
    bias: biasParam(outChannels),
  };
}

/** Weights of a 3D convolution that the files hold without the causal wrapper, `Conv3d`. */
export function conv3dSpec(inChannels: number, outChannels: number, kernelSize: Triple = [3, 3, 3]) {
  return {
    weight: kernelParam([...kernelSize, inChannels, outChannels], 'weight', 'conv3d'),
    bias: biasParam(outChannels),
  };
}

/** Weights of any convolution: kernel `[time, height, width, in, out]` and bias `[out]`. */
export type CausalConv3dParams = ParamsOf<ReturnType<typeof causalConv3dSpec>>;

/**
 * How a convolution meets the edges of an image: with zeros all around, with one zero row and column after the last (SD's
 * down-sampler), or with nothing.
 */
export type Border = 'around' | 'after' | 'none';

/** Options of {@link causalConv3d}. */
export interface CausalConv3dOptions {
  strides?: Triple;
  border?: Border;
}

type ConvInputs = { x: Tensor5D; weight: Tensor5D; bias: Tensor1D };
type ConvAttrs = { strides: number[]; border: Border };

/**
 * 3D convolution that never looks ahead in time.
 *
 * The first frame is repeated before the clip, so output frame `t` depends on input frames `0..t * stride` alone and a
 * one-frame clip is an image. Time gives `floor((time - 1) / stride) + 1` frames.
 *
 * @param x `[batch, time, height, width, channels]`
 * @throws ShapeError when the channels of `x` are not those that the kernel reads.
 */
export function causalConv3d(
  params: CausalConv3dParams,
  x: Tensor5D,
  { strides = [1, 1, 1], border = 'around' }: CausalConv3dOptions = {},
): Tensor5D {
  assertChannels('causalConv3d', params, x);
  return causalConv3dKernel({ x, ...params }, { strides: [...strides], border });
}

/** Refuses a clip whose channels are not those that the kernel reads. */
export function assertChannels(caller: string, { weight }: CausalConv3dParams, x: Tensor5D): void {
  const inChannels = weight.shape[3];
  if (x.shape[4] !== inChannels) {
    throw new ShapeError(`${caller}: weight [${weight.shape}] reads ${inChannels} channels, but x is [${x.shape}].`);
  }
}

const causalConv3dKernel = /* @__PURE__ */ defineKernel(
  'CausalConv3D',
  ['x', 'weight', 'bias'],
  causalConv3dReference,
  {
    CausalConv3DBackpropInput: ['x'],
    CausalConv3DBackpropFilter: ['weight'],
    CausalConv3DBackpropBias: ['bias'],
  },
);

/**
 * One 2D convolution per temporal tap, summed. Each tap convolves only the frames that differ: outputs before the clip's
 * start all come from its first frame, so they are convolved once and repeated.
 */
export function causalConv3dReference({ x, weight, bias }: ConvInputs, { strides, border }: ConvAttrs): Tensor5D {
  const [timeStride = 1, ...spatialStrides] = strides;
  const taps = weight.shape[0];
  let sum: Tensor = bias;
  for (let tap = 0; tap < taps; tap++) {
    const sources = causalSources(x.shape[1], timeStride, taps - 1 - tap);
    const distinct = [...new Set(sources)];
    const next = tidy(() => {
      const kernel = tapKernel(weight, tap);
      const convolved = consume(pickFrames(x, distinct), (some) =>
        convolveFrames(some, kernel, spatialStrides, border),
      );
      const places = sources.map((source) => distinct.indexOf(source));
      return consume(
        consume(convolved, (some) => pickFrames(some, places)),
        (part) => add(foldTime(part), sum),
      );
    });
    if (sum !== bias) sum.dispose();
    sum = next;
  }
  return unfoldTime(sum as Tensor4D, x.shape[0]);
}

function tapKernel(weight: Tensor5D, tap: number): Tensor4D {
  const [taps, ...kernel] = weight.shape;
  const row = slice(reshape(weight, [taps, weight.size / taps]), [tap, 0], [1, weight.size / taps]);
  return reshape(row, kernel);
}

function convolveFrames(x: Tensor5D, kernel: Tensor4D, strides: readonly number[], border: Border): Tensor5D {
  const [vertical = 1, horizontal = 1] = strides;
  const [height, width] = kernel.shape;
  return tidy(() => {
    const frames = foldTime(x);
    if (border === 'around' && vertical === 1 && horizontal === 1) {
      return unfoldTime(conv2d(frames, kernel, 1, 'same'), x.shape[0]);
    }
    const padded = pad(frames, [[0, 0], zeroRows(height, border), zeroRows(width, border), [0, 0]]);
    return unfoldTime(conv2d(padded, kernel, [vertical, horizontal], 'valid'), x.shape[0]);
  });
}

function zeroRows(kernelSize: number, border: Border): [before: number, after: number] {
  if (border === 'none') return [0, 0];
  return border === 'after' ? [0, kernelSize - 2] : [(kernelSize - 1) / 2, (kernelSize - 1) / 2];
}
