import {
  concat,
  gather,
  pad,
  reshape,
  slice,
  sum,
  tidy,
  type Tensor,
  type Tensor4D,
  type Tensor5D,
} from '@tensorflow/tfjs-core';
import { consume, foldTime } from '@od-vae/core';

/** What stands around an image: zeros on all sides, zeros after it, nothing. */
type Border = 'around' | 'after' | 'none';

/** Attributes of a causal convolution: steps in time, height and width, and the border. */
export interface ConvolutionAttributes {
  readonly strides: readonly number[];
  readonly border: Border;
}

/** A causal convolution as one of TensorFlow's: on which clip, with which attributes. */
export interface NativeConvolution {
  /** `Conv2D` where frames are alike, so that time moves into the batch; else `Conv3D`. */
  readonly op: 'Conv2D' | 'Conv3D';
  /** Copies of the first frame before the clip. */
  readonly before: number;
  /** Zeros around each frame, in height and width. */
  readonly zeros: readonly [height: readonly [number, number], width: readonly [number, number]];
  readonly attributes: { readonly strides: readonly number[]; readonly padding: 'SAME' | 'VALID' };
}

/** TensorFlow pads both ends of an axis alike, or none, so whatever is not zeros all around is put there by us. */
export function nativeConvolution(weight: Tensor5D, { strides, border }: ConvolutionAttributes): NativeConvolution {
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
export function padded({ op, before, zeros }: NativeConvolution, x: Tensor5D): Tensor {
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

export function paddedShape({ op, before, zeros }: NativeConvolution, shape: Tensor5D['shape']): number[] {
  const [batch, time, height, width, channels] = shape;
  const [rows, columns] = zeros.map(([first, last]) => first + last) as [number, number];
  const frames = op === 'Conv2D' ? [batch * time] : [batch, before + time];
  return [...frames, height + rows, width + columns, channels];
}

/** The gradient of a clip from that of the padded one: each copy of the first frame adds to its gradient. */
export function unpadded(
  { op, before, zeros }: NativeConvolution,
  gradient: Tensor,
  shape: Tensor5D['shape'],
): Tensor5D {
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

export function kernelShape({ op }: NativeConvolution, shape: Tensor5D['shape']): number[] {
  return op === 'Conv2D' ? shape.slice(1) : shape;
}

export function kernelOf(native: NativeConvolution, weight: Tensor5D): Tensor {
  return reshape(weight, kernelShape(native, weight.shape));
}

export function foldedFor({ op }: NativeConvolution, clip: Tensor5D): Tensor {
  return op === 'Conv2D' ? foldTime(clip) : clip;
}

/** A clip from what TensorFlow gave, of which time may lie in the batch. */
export function clipOf(y: Tensor, batch: number): Tensor5D {
  if (y.rank === 5) return y as Tensor5D;
  const [frames, height, width, channels] = (y as Tensor4D).shape;
  return reshape(y, [batch, frames / batch, height, width, channels]);
}
