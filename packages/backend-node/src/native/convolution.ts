import {
  concat,
  gather,
  pad,
  reshape,
  slice,
  sum,
  tensor1d,
  tidy,
  type Tensor,
  type Tensor1D,
  type Tensor4D,
  type Tensor5D,
} from '@tensorflow/tfjs-core';
import { consume, foldTime, sliceFrames } from '@od-vae/core';

import { runNative, type TensorflowBackend } from './tensorflow-backend.ts';

/** What stands around an image: zeros on all sides, zeros after it, nothing. */
export type Border = 'around' | 'after' | 'none';

/** Attributes of a causal convolution: steps in time, height and width, and the border. */
export interface ConvolutionAttributes {
  readonly strides: readonly number[];
  readonly border: Border;
}

/** A causal convolution as one of TensorFlow's: on which clip, with which attributes. */
interface NativeConvolution {
  /** `Conv2D` where frames are alike, so that time moves into the batch; else `Conv3D`. */
  readonly op: 'Conv2D' | 'Conv3D';
  /** Copies of the first frame before the clip. */
  readonly before: number;
  /** Zeros around each frame, in height and width. */
  readonly zeros: readonly [height: readonly [number, number], width: readonly [number, number]];
  readonly attributes: { readonly strides: readonly number[]; readonly padding: 'SAME' | 'VALID' };
}

/** Convolves a clip, and adds the bias. */
export function convolve(
  backend: TensorflowBackend,
  { x, weight, bias }: { x: Tensor5D; weight: Tensor5D; bias: Tensor1D },
  attributes: ConvolutionAttributes,
): Tensor5D {
  return tidy(() => {
    const [timeStride = 1] = attributes.strides;
    const before = weight.shape[0] - 1;
    const parts: Tensor5D[] = [];
    let last = 0;
    for (; last < Math.min(before, x.shape[1]); last += timeStride) {
      parts.push(convolveStart(backend, x, weight, attributes, last));
    }
    if (last < x.shape[1]) {
      const rest = sliceFrames(x, last - before, x.shape[1]);
      parts.push(consume(rest, (frames) => convolveInside(backend, frames, weight, attributes)));
    }
    return consume(concatTime(parts), (y) => runNative<Tensor5D>(backend, 'BiasAdd', [y, bias]));
  });
}

/**
 * The one output whose last tap reads frame `last`, and some of whose taps lie before the clip: those read its first frame
 * alike, so that their sum is one tap.
 */
function convolveStart(
  backend: TensorflowBackend,
  x: Tensor5D,
  weight: Tensor5D,
  { strides, border }: ConvolutionAttributes,
  last: number,
): Tensor5D {
  return tidy(() => {
    const [taps, ...kernel] = weight.shape;
    const alike = sum(slice(weight, 0, taps - last), 0, true) as Tensor5D;
    const folded = last === 0 ? alike : concat([alike, slice(weight, taps - last, [last, ...kernel])], 0);
    return convolveInside(backend, sliceFrames(x, 0, last + 1), folded, { strides: [1, ...strides.slice(1)], border });
  });
}

/** The outputs of which all taps lie in the clip, without bias. */
function convolveInside(
  backend: TensorflowBackend,
  x: Tensor5D,
  weight: Tensor5D,
  attributes: ConvolutionAttributes,
): Tensor5D {
  return tidy(() => {
    const native = { ...nativeConvolution(weight, attributes), before: 0 };
    const inputs = [padded(native, x), kernelOf(native, weight)];
    return clipOf(runNative(backend, native.op, inputs, native.attributes), x.shape[0]);
  });
}

/** The parts one after another in time; they are freed. */
function concatTime(parts: readonly Tensor5D[]): Tensor5D {
  if (parts.length === 1) return parts[0]!;
  const whole = concat([...parts], 1);
  for (const part of parts) part.dispose();
  return whole;
}

/** The gradient of a convolution's clip. */
export function convolveBack(
  backend: TensorflowBackend,
  { x, weight, dy }: { x: Pick<Tensor5D, 'shape'>; weight: Tensor5D; dy: Tensor5D },
  attributes: ConvolutionAttributes,
): Tensor5D {
  const [, , , inChannels, outChannels] = weight.shape;
  return tidy(() => {
    if (inChannels === 1 && outChannels === 1) return convolveOneBack(backend, { x, weight, dy }, attributes);
    const native = nativeConvolution(weight, attributes);
    const sizes = tensor1d(paddedShape(native, x.shape), 'int32');
    const inputs = [sizes, kernelOf(native, weight), foldedFor(native, dy)];
    const op = native.op === 'Conv2D' ? 'Conv2DBackpropInput' : 'Conv3DBackpropInputV2';
    return unpadded(native, runNative(backend, op, inputs, native.attributes), x.shape);
  });
}

/**
 * From one channel to one, TensorFlow 2.21 with oneDNN gives a wrong `Conv3DBackpropInputV2`; with a second channel that
 * nobody reads it is right.
 */
function convolveOneBack(
  backend: TensorflowBackend,
  { x, weight, dy }: { x: Pick<Tensor5D, 'shape'>; weight: Tensor5D; dy: Tensor5D },
  attributes: ConvolutionAttributes,
): Tensor5D {
  const [batch, time, height, width] = x.shape;
  const two = pad(weight, [
    [0, 0],
    [0, 0],
    [0, 0],
    [0, 1],
    [0, 0],
  ]);
  const gradient = convolveBack(
    backend,
    { x: { shape: [batch, time, height, width, 2] }, weight: two, dy },
    attributes,
  );
  return slice(gradient, [0, 0, 0, 0, 0], x.shape);
}

/** The gradient of a convolution's kernel. */
export function filterGradient(
  backend: TensorflowBackend,
  { x, weight, dy }: { x: Tensor5D; weight: Tensor5D; dy: Tensor5D },
  attributes: ConvolutionAttributes,
): Tensor5D {
  return tidy(() => {
    const native = nativeConvolution(weight, attributes);
    const sizes = tensor1d(kernelShape(native, weight.shape), 'int32');
    const op = native.op === 'Conv2D' ? 'Conv2DBackpropFilter' : 'Conv3DBackpropFilterV2';
    const gradient = runNative(backend, op, [padded(native, x), sizes, foldedFor(native, dy)], native.attributes);
    return reshape(gradient, weight.shape);
  });
}

/** The gradient of a convolution's bias. */
export function biasGradient(backend: TensorflowBackend, dy: Tensor5D): Tensor1D {
  return runNative(backend, 'BiasAddGrad', [dy]);
}

/** TensorFlow pads both ends of an axis alike, or none, so whatever is not zeros all around is put there by us. */
function nativeConvolution(weight: Tensor5D, { strides, border }: ConvolutionAttributes): NativeConvolution {
  const [taps, height, width] = weight.shape;
  const [timeStride = 1, ...spatial] = strides;
  const op = taps === 1 && timeStride === 1 ? 'Conv2D' : 'Conv3D';
  if (op === 'Conv2D' && border === 'around' && spatial.every((stride) => stride === 1)) {
    return { op, before: 0, zeros: [NONE, NONE], attributes: { strides: [1, 1, 1, 1], padding: 'SAME' } };
  }
  return {
    op,
    before: taps - 1,
    zeros: [zeroRows(height, border), zeroRows(width, border)],
    attributes: { strides: [1, ...(op === 'Conv2D' ? spatial : strides), 1], padding: 'VALID' },
  };
}

const NONE = [0, 0] as const;

function zeroRows(kernelSize: number, border: Border): readonly [before: number, after: number] {
  if (border === 'none') return NONE;
  return border === 'after' ? [0, kernelSize - 2] : [(kernelSize - 1) / 2, (kernelSize - 1) / 2];
}

/** The clip with what the convolution needs around it; a tensor of its own. */
function padded({ op, before, zeros }: NativeConvolution, x: Tensor5D): Tensor {
  const [vertical, horizontal] = zeros;
  const folded = op === 'Conv2D' ? foldTime(x) : startRepeated(x, before);
  if (zeros.flat().every((rows) => rows === 0)) return folded;
  const time = op === 'Conv2D' ? [] : [NONE];
  const all = [NONE, ...time, vertical, horizontal, NONE].map(([first, last]): [number, number] => [first, last]);
  return consume(folded, (clip) => pad(clip, all));
}

function startRepeated(x: Tensor5D, before: number): Tensor5D {
  if (before === 0) return x.clone();
  const indices = Array.from({ length: before + x.shape[1] }, (_, time) => Math.max(0, time - before));
  return gather(x, indices, 1);
}

function paddedShape({ op, before, zeros }: NativeConvolution, shape: Tensor5D['shape']): number[] {
  const [batch, time, height, width, channels] = shape;
  const [rows, columns] = zeros.map(([first, last]) => first + last) as [number, number];
  const frames = op === 'Conv2D' ? [batch * time] : [batch, before + time];
  return [...frames, height + rows, width + columns, channels];
}

/** The gradient of a clip from that of the padded one: each copy of the first frame adds to its gradient. */
function unpadded({ op, before, zeros }: NativeConvolution, gradient: Tensor, shape: Tensor5D['shape']): Tensor5D {
  const [, time, height, width] = shape;
  const [[top], [left]] = zeros;
  const inner = zeros.flat().every((rows) => rows === 0)
    ? gradient
    : consume(gradient, (whole) => {
        const frames = op === 'Conv2D' ? [whole.shape[0]!] : whole.shape.slice(0, 2);
        return slice(whole, [...frames.map(() => 0), top, left, 0], [...frames, height, width, whole.shape.at(-1)!]);
      });
  if (op === 'Conv2D' || before === 0) return reshape(inner, shape);
  return tidy(() => {
    const clip = inner as Tensor5D;
    const from = (begin: number, count: number) =>
      slice(clip, [0, begin, 0, 0, 0], [clip.shape[0], count, height, width, clip.shape[4]]);
    const first = sum(from(0, before + 1), 1, true);
    return time === 1 ? (first as Tensor5D) : concat([first as Tensor5D, from(before + 1, time - 1)], 1);
  });
}

function kernelShape({ op }: NativeConvolution, shape: Tensor5D['shape']): number[] {
  return op === 'Conv2D' ? shape.slice(1) : shape;
}

function kernelOf(native: NativeConvolution, weight: Tensor5D): Tensor {
  return reshape(weight, kernelShape(native, weight.shape));
}

function foldedFor({ op }: NativeConvolution, clip: Tensor5D): Tensor {
  return op === 'Conv2D' ? foldTime(clip) : clip;
}

/** A clip from what TensorFlow gave, of which time may lie in the batch. */
function clipOf(y: Tensor, batch: number): Tensor5D {
  if (y.rank === 5) return y as Tensor5D;
  const [frames, height, width, channels] = (y as Tensor4D).shape;
  return reshape(y, [batch, frames / batch, height, width, channels]);
}
