import { ShapeError } from '@od-vae/core';
import {
  add,
  concat,
  conv2d,
  maxPool,
  pad,
  relu,
  reshape,
  sub,
  type Tensor3D,
  type Tensor4D,
  tensor1d,
  tidy,
  div,
} from '@tensorflow/tfjs-core';

import type { FeatureConvParams, LpipsParams } from './lpips-spec.ts';
import { type FeatureLayer, type LpipsNetwork, networks } from './networks.ts';

type Pool = Extract<FeatureLayer, { kind: 'pool' }>;

const SHIFT = [-0.03, -0.088, -0.188];
const SCALE = [0.458, 0.448, 0.45];

/**
 * Features of frames `[count, height, width, 3]` in [-1, 1] behind each slice of the network; the caller owns them.
 *
 * @throws ShapeError when the frames are too small for the network's strides
 */
export function lpipsFeatures(params: LpipsParams, frames: Tensor4D, network: LpipsNetwork): Tensor4D[] {
  return tidy(() => {
    const weights = params.convolutions.values();
    let x: Tensor4D = div(sub(frames, tensor1d(SHIFT)), tensor1d(SCALE));
    return networks[network].map((slice: readonly FeatureLayer[]) => {
      for (const layer of slice) {
        if (layer.kind === 'pool') assertPoolable(x, layer, frames, network);
        x = runLayer(layer, weights, x);
      }
      return x;
    });
  });
}

function runLayer(layer: FeatureLayer, weights: Iterator<FeatureConvParams>, x: Tensor4D): Tensor4D {
  const next = () => weights.next().value as FeatureConvParams;
  if (layer.kind === 'pool') return pool(x, layer.size, layer.ceil);
  if (layer.kind === 'conv') return convolve(next(), x, layer.stride, layer.padding);
  const squeezed = convolve(next(), x, 1, 0);
  return concat([convolve(next(), squeezed, 1, 0), convolve(next(), squeezed, 1, 1)], 3);
}

function assertPoolable(x: Tensor4D, { size, ceil }: Pool, frames: Tensor4D, network: LpipsNetwork): void {
  const least = ceil ? size - 1 : size;
  if (x.shape[1] < least || x.shape[2] < least) {
    throw new ShapeError(`lpips: frames of ${frames.shape[2]}x${frames.shape[1]} px are too small for ${network}.`);
  }
}

function convolve({ weight, bias }: FeatureConvParams, x: Tensor4D, stride: number, padding: number): Tensor4D {
  const kernel: Tensor4D = reshape(weight, weight.shape.slice(1) as Tensor4D['shape']);
  const same = stride === 1 && padding === (kernel.shape[0] - 1) / 2;
  const around: [number, number] = [padding, padding];
  const padded = same || padding === 0 ? x : pad(x, [[0, 0], around, around, [0, 0]]);
  return relu(add(conv2d<Tensor4D>(padded, kernel, stride, same ? 'same' : 'valid'), bias));
}

/** Windows of `size` at stride 2; `ceil` lets the last one hang over the edge, where zeros change nothing behind a ReLU. */
function pool(x: Tensor4D, size: number, ceil: boolean): Tensor4D {
  const [, height, width] = x.shape;
  const missing = (length: number): [number, number] => [0, ceil && (length - size) % 2 !== 0 ? 1 : 0];
  const [rows, columns] = [missing(height), missing(width)];
  const whole = rows[1] + columns[1] === 0 ? x : pad(x, [[0, 0], rows, columns, [0, 0]]);
  return maxPool<Tensor3D | Tensor4D>(whole, size, 2, 'valid') as Tensor4D;
}
