import {
  add,
  concat,
  customGrad,
  engine,
  grad,
  type GradSaveFunc,
  mul,
  reshape,
  sigmoid,
  slice,
  sub,
  tidy,
  type Tensor,
  type Tensor1D,
  type Tensor3D,
  type Tensor4D,
  type Tensor5D,
} from '@tensorflow/tfjs-core';
import { foldTime, sliceFrames, unfoldTime, withOpenTape } from '@od-vae/core';

import { addClips } from './resnet-block.ts';
import { causalSources, pickFrames } from './pick-frames.ts';

/** How the up-samplers enlarge an image: linearly (the released decoder) or by repeating pixels (SD-VAE). */
export type SpatialUpsample = 'trilinear' | 'nearest';

/** Doubles height and width. */
export function upsampleSpace(x: Tensor5D, mode: SpatialUpsample): Tensor5D {
  const [batch] = x.shape;
  return tidy('upsampleSpace', () => unfoldTime(enlarge(foldTime(x), mode), batch));
}

/**
 * tfjs's resize kernels with the gradient of {@link enlargeByParts}: their own are wrong (4.22), the linear one for pixel
 * centres on every backend, the nearest one for batches on the cpu.
 */
function enlarge(frames: Tensor4D, mode: SpatialUpsample): Tensor4D {
  const [, height, width] = frames.shape;
  const resize = customGrad((x, save) => {
    (save as GradSaveFunc)([x as Tensor]);
    const size = [2 * height, 2 * width];
    const value =
      mode === 'nearest'
        ? engine().runKernel('ResizeNearestNeighbor', { images: x as Tensor }, { size, ...FROM_CORNERS })
        : engine().runKernel('ResizeBilinear', { images: x as Tensor }, { size, ...FROM_CENTRES });
    const gradFunc = (dy: Tensor, saved: Tensor[]) =>
      withOpenTape(() => grad((y) => enlargeByParts(y as Tensor4D, mode))(saved[0]!, dy));
    return { value: value as Tensor, gradFunc };
  });
  return resize(frames) as Tensor4D;
}

const FROM_CORNERS = { alignCorners: false, halfPixelCenters: false };
const FROM_CENTRES = { alignCorners: false, halfPixelCenters: true };

/** The enlargement made of sums and copies, whose gradients are right everywhere. */
function enlargeByParts(frames: Tensor4D, mode: SpatialUpsample): Tensor4D {
  const [count, height, width, channels] = frames.shape;
  const double = mode === 'nearest' ? repeatTwice : doubleLinearly;
  return tidy(() => {
    const taller = double(reshape(frames, [count, height, width * channels]));
    const wider = double(reshape(taller, [count * height * 2, width, channels]));
    return reshape(wider, [count, height * 2, width * 2, channels]);
  });
}

/** Doubles time linearly, all but the first frame, which stays alone: `time` frames give `2 * time - 1`. */
export function upsampleTime(x: Tensor5D): Tensor5D {
  const [batch, time, height, width, channels] = x.shape;
  if (time === 1) return x.clone();
  return tidy('upsampleTime', () => {
    const later: Tensor3D = reshape(sliceFrames(x, 1, time), [batch, time - 1, height * width * channels]);
    const doubled: Tensor5D = reshape(doubleLinearly(later), [batch, 2 * (time - 1), height, width, channels]);
    return concat([sliceFrames(x, 0, 1), doubled], 1);
  });
}

/** Halves time: each output is the mean of three frames ending at every second one, the first frame repeated before the clip. */
export function averageTime(x: Tensor5D): Tensor5D {
  return tidy('averageTime', () => {
    const taps = [2, 1, 0].map((delay) => pickFrames(x, causalSources(x.shape[1], 2, delay)));
    const sum = taps.map(foldTime).reduce((total, tap) => add(total, tap));
    return unfoldTime(mul<Tensor4D>(sum, 1 / 3), x.shape[0]);
  });
}

/** `sigmoid(mixFactor) * plain + (1 - sigmoid(mixFactor)) * learned`, the v1.1 release's blend of two resamplings. */
export function mixClips(mixFactor: Tensor1D, plain: Tensor5D, learned: Tensor5D): Tensor5D {
  return tidy('mixClips', () => {
    const alpha = sigmoid(mixFactor);
    const weighted = (clip: Tensor5D, weight: Tensor): Tensor5D => reshape(mul(foldTime(clip), weight), clip.shape);
    return addClips(weighted(plain, alpha), weighted(learned, sub(1, alpha)));
  });
}

/** Each row twice: `[outer, rows, inner]` to `[outer, 2 * rows, inner]`. */
function repeatTwice(x: Tensor3D): Tensor3D {
  return interleave(x, x);
}

/**
 * Linear enlargement by two as PyTorch's `interpolate` without aligned corners: output `2k` lies a quarter of a row
 * before row `k`, output `2k + 1` a quarter after it; beyond the ends the end rows go on.
 */
function doubleLinearly(x: Tensor3D): Tensor3D {
  return tidy(() => {
    const [outer, rows, inner] = x.shape;
    if (rows === 1) return repeatTwice(x);
    const main = mul(x, 0.75);
    const quarter = mul(x, 0.25);
    const part = (begin: number, length: number) => slice(quarter, [0, begin, 0], [outer, length, inner]);
    const before = add(main, concat([part(0, 1), part(0, rows - 1)], 1));
    const after = add(main, concat([part(1, rows - 1), part(rows - 1, 1)], 1));
    return interleave(before as Tensor3D, after as Tensor3D);
  });
}

function interleave(even: Tensor3D, odd: Tensor3D): Tensor3D {
  const [outer, rows, inner] = even.shape;
  return tidy(() => {
    const pairs = [even, odd].map((x) => reshape(x, [outer * rows, 1, inner]));
    return reshape(concat(pairs, 1), [outer, rows * 2, inner]);
  });
}
