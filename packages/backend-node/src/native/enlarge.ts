import {
  concat,
  reshape,
  slice,
  tensor1d,
  tidy,
  type Tensor,
  type Tensor4D,
  type Tensor5D,
} from '@tensorflow/tfjs-core';
import { consume, foldTime, sliceFrames, unfoldTime } from '@od-vae/core';

import { runNative, type TensorflowBackend } from './tensorflow-backend.ts';

/** Attributes of an enlargement: whether time is doubled too, and how pixels are made. */
export interface Enlargement {
  readonly time: boolean;
  readonly mode: 'trilinear' | 'nearest';
}

/** Doubles height and width of a clip, and its time, all but the first frame. */
export function enlarge(backend: TensorflowBackend, x: Tensor5D, { time, mode }: Enlargement): Tensor5D {
  const [batch] = x.shape;
  return tidy(() => {
    const longer = time && x.shape[1] > 1 ? doubleTime(backend, x) : x.clone();
    return consume(longer, (clip) => {
      const [, , height, width] = clip.shape;
      return unfoldTime(resize(backend, mode, foldTime(clip), [2 * height, 2 * width]), batch);
    });
  });
}

/** The gradient of a clip from that of the enlarged one. */
export function shrink(
  backend: TensorflowBackend,
  dy: Tensor5D,
  shape: Tensor5D['shape'],
  { time, mode }: Enlargement,
): Tensor5D {
  const [batch, , height, width] = shape;
  return tidy(() => {
    const smaller = unfoldTime(resizeBack(backend, mode, foldTime(dy), [height, width]), batch);
    return time && shape[1] > 1 ? halveTime(backend, smaller) : smaller;
  });
}

/** Frames from the second on are one picture, `[batch, time - 1, height * width, channels]`, of which the height is doubled. */
function doubleTime(backend: TensorflowBackend, x: Tensor5D): Tensor5D {
  const [batch, time, height, width, channels] = x.shape;
  const area = height * width;
  const later: Tensor4D = reshape(sliceFrames(x, 1, time), [batch, time - 1, area, channels]);
  const doubled = resize(backend, 'trilinear', later, [2 * (time - 1), area]);
  return concat([sliceFrames(x, 0, 1), reshape(doubled, [batch, 2 * (time - 1), height, width, channels])], 1);
}

function halveTime(backend: TensorflowBackend, dy: Tensor5D): Tensor5D {
  const [batch, frames, height, width, channels] = dy.shape;
  const [area, time] = [height * width, (frames - 1) / 2];
  const later: Tensor4D = reshape(sliceFrames(dy, 1, frames), [batch, frames - 1, area, channels]);
  const halved = resizeBack(backend, 'trilinear', later, [time, area]);
  return concat([sliceFrames(dy, 0, 1), reshape(halved, [batch, time, height, width, channels])], 1);
}

function resize(
  backend: TensorflowBackend,
  mode: Enlargement['mode'],
  frames: Tensor4D,
  size: readonly [number, number],
): Tensor4D {
  const [op, attributes] = OPS[mode].forward;
  return runNative(backend, op, [frames, tensor1d([...size], 'int32')], attributes);
}

function resizeBack(
  backend: TensorflowBackend,
  mode: Enlargement['mode'],
  dy: Tensor4D,
  [height, width]: readonly [number, number],
): Tensor4D {
  const [count, , , channels] = dy.shape;
  if (mode === 'nearest') {
    return runNative(backend, 'ResizeNearestNeighborGrad', [dy, tensor1d([height, width], 'int32')]);
  }
  // Only the shape of the picture is asked for; an empty slice would not have it.
  const original: Tensor = slice(dy, [0, 0, 0, 0], [count, height, width, channels]);
  return runNative(backend, 'ResizeBilinearGrad', [dy, original], FROM_CENTRES);
}

const FROM_CENTRES = { half_pixel_centers: true };

const OPS = {
  nearest: { forward: ['ResizeNearestNeighbor', {}] },
  trilinear: { forward: ['ResizeBilinear', FROM_CENTRES] },
} as const;
