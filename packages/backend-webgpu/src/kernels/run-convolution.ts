import type { TensorInfo } from '@tensorflow/tfjs-core';

import { convolutionProgram, type PixelSource } from '../programs/convolution.ts';
import { blockColumns, blockRows, chooseTile } from '../programs/matrix-tile.ts';
import type { Storage } from '../storage.ts';
import type { WebgpuBackend } from '../webgpu-backend.ts';
import { paysWinograd, runWinograd } from './run-winograd.ts';

/** A convolution to run: what its taps read, its weights, and the shape of its result. */
export interface Convolution {
  readonly source: PixelSource;
  /** What the source reads. */
  readonly tensors: readonly TensorInfo[];
  /** `[time, height, width, in, out]`. */
  readonly weight: TensorInfo;
  readonly bias?: TensorInfo;
  /** In how many bits the result is stored; as clips are, unless it says so. */
  readonly storage?: Storage;
  readonly sizes: Readonly<Record<string, number>>;
  readonly shape: readonly number[];
}

/** The result of a convolution. */
export function runConvolution(backend: WebgpuBackend, caller: string, convolution: Convolution): TensorInfo {
  if (paysWinograd(backend, convolution)) return runWinograd(backend, caller, convolution);
  const { source, tensors, weight, bias, sizes, shape, storage } = convolution;
  const { outs, pixels, channels } = sizes as { outs: number; pixels: number; channels: number };
  const tile = chooseTile(backend.tileDevice, pixels, outs);
  const y = backend.clipOutput(caller, shape, storage);
  const program = convolutionProgram(caller, {
    source,
    tile,
    fullSlots: channels % 4 === 0,
    fullColumns: outs % 4 === 0,
    bias: bias !== undefined,
    half: y.half,
  });
  backend.dispatch(program, {
    reads: [...tensors, weight, ...(bias ? [bias] : [])],
    writes: [y.tensor],
    sizes,
    groups: [Math.ceil(pixels / blockRows(tile)), Math.ceil(outs / blockColumns(tile))],
  });
  return y.info;
}
