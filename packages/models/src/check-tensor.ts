import { ConfigError, ShapeError } from '@od-vae/core';
import type { Tensor5D } from '@tensorflow/tfjs-core';

import { DiagonalGaussian } from './posterior.ts';

/** Fields of a tensor, none of which an argument of the wrong kind has. */
interface MaybeTensor {
  readonly dataId?: unknown;
  readonly isDisposed?: boolean;
  readonly dtype?: string;
  readonly shape?: readonly number[];
  readonly then?: unknown;
}

/** Refuses anything but a clip: a `float32` tensor `[batch, time, height, width, 3]` that is not disposed. */
export function assertClip(caller: string, clip: Tensor5D): void {
  assertTensor(caller, 'the clip', clip, 3);
}

/** Refuses anything but latents: a `float32` tensor `[batch, time, height, width, channels]` that is not disposed. */
export function assertLatents(caller: string, latents: Tensor5D, channels: number): void {
  assertTensor(caller, 'the latents', latents, channels);
}

function assertTensor(caller: string, subject: 'the clip' | 'the latents', value: unknown, channels: number): void {
  const expected = `[batch, time, height, width, ${channels}]`;
  const verb = subject === 'the clip' ? 'is' : 'are';
  const { dataId, isDisposed, dtype, shape } = Object(value) as MaybeTensor;
  if (!dataId || !shape || !dtype) {
    throw new ShapeError(
      `${caller}: ${subject} must be a tensor ${expected}, but ${verb} ${kindOf(value)}.${fixFor(value)}`,
    );
  }
  if (isDisposed) throw new ShapeError(`${caller}: ${subject} must be a tensor in use, but ${verb} disposed.`);
  if (shape.length !== 5 || shape[4] !== channels) {
    throw new ShapeError(
      `${caller}: needs ${expected}, but ${subject} ${verb} [${shape}].${shapeFix(shape, channels)}`,
    );
  }
  if (shape.includes(0)) {
    throw new ShapeError(`${caller}: ${subject} must have at least one value on each axis, but ${verb} [${shape}].`);
  }
  if (dtype !== 'float32') {
    const fix =
      subject === 'the clip'
        ? ' Convert pixels of 0 to 255 to values in [-1, 1]: clipFromPixels(pixels) of od-vae.'
        : '';
    throw new ShapeError(`${caller}: ${subject} must be float32, but ${verb} ${dtype}.${fix}`);
  }
}

/** Refuses a model that is missing, a promise, or disposed. */
export function assertParams(caller: string, params: { readonly encoder: { readonly convIn: unknown } }): void {
  const { encoder } = Object(params) as Partial<typeof params>;
  if (!encoder) {
    throw new ConfigError(
      `${caller}: params must be the weights of a model, but are ${kindOf(params)}.${fixFor(params)}`,
    );
  }
  if (firstWeight(encoder.convIn)?.isDisposed) throw new ConfigError(`${caller}: the model is disposed.`);
}

function firstWeight(tree: unknown): MaybeTensor | undefined {
  const node = Object(tree) as MaybeTensor;
  return node.dataId ? node : Object.values(node).map(firstWeight).find(Boolean);
}

/** A short name of an argument's kind. */
function kindOf(value: unknown): string {
  if (value === null || typeof value !== 'object') return value === undefined ? 'missing' : String(value);
  if (typeof (value as MaybeTensor).then === 'function') return 'a Promise';
  if (value instanceof DiagonalGaussian) return 'a posterior';
  return Array.isArray(value) ? 'an array' : `an object (${Object.prototype.toString.call(value).slice(8, -1)})`;
}

function fixFor(value: unknown): string {
  if (typeof (Object(value) as MaybeTensor).then === 'function') return ' Add `await`.';
  if (value instanceof DiagonalGaussian) return ' Take latents from it: posterior.mode() or posterior.sample().';
  return ArrayBuffer.isView(value) || Array.isArray(value) ? ' Make a tensor of it: tensor5d(values, shape).' : '';
}

function shapeFix(shape: readonly number[], channels: number): string {
  if (shape.length === 4 && shape[3] === channels) return ' Add the batch axis: expandDims(0).';
  if (shape.length !== 5) return '';
  if (shape[1] === channels) return ' Move the channels last: transpose([0, 2, 3, 4, 1]).';
  return shape[2] === channels ? ' Move the channels last: transpose([0, 1, 3, 4, 2]).' : '';
}
