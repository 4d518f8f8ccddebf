import { sizeOf } from '@od-vae/core';
import type { TensorInfo } from '@tensorflow/tfjs-core';

import { convolutionProgram } from '../programs/convolution.ts';
import { blockColumns, blockRows, chooseTile, type TileDevice } from '../programs/matrix-tile.ts';
import {
  TRANSFORMED_TOGETHER,
  transformedSource,
  WINOGRAD,
  winogradInputProgram,
  winogradOutputProgram,
  winogradWeightsProgram,
} from '../programs/winograd.ts';
import type { ClipOutput } from '../storage.ts';
import type { WebgpuBackend } from '../webgpu-backend.ts';
import type { Convolution } from './run-convolution.ts';

/** Channels, read and written, from which transforms cost less than the products that they save. */
const LEAST_CHANNELS = 32;
/** Tiles from which they do, for each block that it takes to occupy the device. */
const LEAST_TILES = 16;
/** Bytes of transformed input, and of products, that are held at once: frames are taken together up to this many. */
const MOST_BYTES = 2 ** 28;

/** The sizes of a convolution that decide how it is transformed. */
interface Sizes extends Readonly<Record<string, number>> {
  readonly tapsHigh: number;
  readonly tapsWide: number;
  readonly stepTime: number;
  readonly stepHigh: number;
  readonly stepWide: number;
  readonly taps: number;
  readonly slots: number;
  readonly channels: number;
  readonly outs: number;
  readonly outTime: number;
  readonly outHeight: number;
  readonly outWidth: number;
}

/** Whether a convolution is one of 3x3 in space without steps, wide and large enough to be transformed, and fits. */
export function paysWinograd(
  { tileDevice }: WebgpuBackend,
  { source, sizes: all, shape }: Pick<Convolution, 'source' | 'sizes' | 'shape'>,
): boolean {
  const sizes = all as Sizes;
  const { tapsHigh, tapsWide, stepTime, stepHigh, stepWide, channels, outs, outTime } = sizes;
  const isPlain = tapsHigh === 3 && tapsWide === 3 && stepTime === 1 && stepHigh === 1 && stepWide === 1;
  const isFull = channels % 4 === 0 && outs % 4 === 0;
  const { high, wide } = tilesOf(sizes);
  const isLarge =
    Math.min(channels, outs) >= LEAST_CHANNELS &&
    shape[0]! * outTime * high * wide >= LEAST_TILES * tileDevice.enoughBlocks;
  if (!source.readsPatches || !isPlain || !isFull || !isLarge) return false;
  return framesTogether(tileDevice, shape[0]!, sizes) >= Math.min(outTime, sizes.taps / 9);
}

/** The result of a convolution by F(4x4, 3x3) in space; taps in time are terms of the products' sums. */
export function runWinograd(backend: WebgpuBackend, caller: string, convolution: Convolution): TensorInfo {
  const { weight, shape, storage } = convolution;
  const sizes = convolution.sizes as Sizes;
  const weights = transformWeights(backend, weight);
  const y = backend.clipOutput(caller, shape, storage);
  const tapsTime = sizes.taps / 9;
  const together = framesTogether(backend.tileDevice, shape[0]!, sizes);
  for (const chunk of frameChunks(sizes.outTime, together)) {
    // The first frame stands for those before it; later chunks begin with the frames that their first one reads.
    const lead = Math.min(tapsTime - 1, chunk.firstFrame);
    const input = transformInput(backend, convolution, chunk, lead);
    const products = multiply(backend, { input, weights, sizes, chunk, lead, batch: shape[0]! });
    backend.disposeData(input.dataId);
    transformOutput(backend, { products, convolution, chunk, y });
    backend.disposeData(products.dataId);
  }
  backend.disposeData(weights.dataId);
  return y.info;
}

/** Some frames of each clip. */
interface Chunk {
  readonly firstFrame: number;
  readonly frames: number;
}

function frameChunks(outTime: number, together: number): Chunk[] {
  const chunks: Chunk[] = [];
  for (let firstFrame = 0; firstFrame < outTime; firstFrame += together) {
    chunks.push({ firstFrame, frames: Math.min(together, outTime - firstFrame) });
  }
  return chunks;
}

/** Frames of a result that are made at once: a buffer holds no more of those that they read, or of their products; 0 where none does. */
function framesTogether({ limits }: TileDevice, batch: number, sizes: Sizes): number {
  const { taps, channels, outs } = sizes;
  const { high, wide } = tilesOf(sizes);
  const most = Math.min(MOST_BYTES, limits.maxBufferSize, limits.maxStorageBufferBindingSize);
  if (4 * WINOGRAD.products * (taps / 9) * channels * outs > most) return 0;
  const bytesOfFrame = 4 * WINOGRAD.products * batch * high * wide * Math.max(channels, outs);
  return Math.floor(most / bytesOfFrame) - (taps / 9 - 1);
}

function tilesOf({ outHeight, outWidth }: Sizes): { high: number; wide: number } {
  return { high: Math.ceil(outHeight / WINOGRAD.outputs), wide: Math.ceil(outWidth / WINOGRAD.outputs) };
}

function transformWeights(backend: WebgpuBackend, weight: TensorInfo): TensorInfo {
  const [tapsTime, , , channels, outs] = weight.shape as [number, number, number, number, number];
  const weights = backend.output('winograd', [WINOGRAD.products, tapsTime, channels, outs]);
  const ofTap = (channels * outs) / 4;
  backend.dispatch(winogradWeightsProgram, {
    reads: [weight],
    writes: [weights],
    sizes: { ofTap, total: tapsTime * ofTap },
    groups: [Math.ceil((tapsTime * ofTap) / TRANSFORMED_TOGETHER)],
  });
  return weights;
}

function transformInput(
  backend: WebgpuBackend,
  { source, tensors, sizes: all, shape }: Convolution,
  chunk: Chunk,
  lead: number,
): TensorInfo {
  const sizes = all as Sizes;
  const { high, wide } = tilesOf(sizes);
  const frames = chunk.frames + lead;
  const input = backend.output('winograd', [WINOGRAD.products, shape[0]!, frames, high * wide, sizes.channels]);
  const total = sizeOf(input.shape) / WINOGRAD.products / 4;
  backend.dispatch(winogradInputProgram(source), {
    reads: tensors,
    writes: [input],
    sizes: { ...sizes, firstFrame: chunk.firstFrame - lead, frames, tilesHigh: high, tilesWide: wide, total },
    groups: [Math.ceil(total / TRANSFORMED_TOGETHER)],
  });
  return input;
}

interface Multiplication {
  readonly input: TensorInfo;
  readonly weights: TensorInfo;
  readonly sizes: Sizes;
  readonly chunk: Chunk;
  readonly lead: number;
  readonly batch: number;
}

/** All products at once: a convolution over time whose clips have weights of their own. */
function multiply(backend: WebgpuBackend, { input, weights, sizes, chunk, lead, batch }: Multiplication): TensorInfo {
  const { taps, slots, channels, outs } = sizes;
  const { high, wide } = tilesOf(sizes);
  const stretch = batch * chunk.frames * high * wide;
  const pixels = WINOGRAD.products * stretch;
  const tile = chooseTile(backend.tileDevice, stretch, outs, WINOGRAD.products);
  const blocks = Math.ceil(stretch / blockRows(tile));
  const products = backend.output('winograd', [WINOGRAD.products, batch, chunk.frames, high * wide, outs]);
  const variant = { source: transformedSource, tile, fullSlots: true, fullColumns: true, bias: false, batched: true };
  backend.dispatch(convolutionProgram('winogradProducts', variant), {
    reads: [input, weights],
    writes: [products],
    sizes: {
      pixels,
      taps: taps / 9,
      tapsHigh: 1,
      tapsWide: 1,
      slots,
      channels,
      outs,
      time: chunk.frames + lead,
      outTime: chunk.frames,
      tiles: high * wide,
      lead,
      stretch,
      blocks,
    },
    groups: [WINOGRAD.products * blocks, Math.ceil(outs / blockColumns(tile))],
  });
  return products;
}

function transformOutput(
  backend: WebgpuBackend,
  { products, convolution, chunk, y }: { products: TensorInfo; convolution: Convolution; chunk: Chunk; y: ClipOutput },
): void {
  const { bias } = convolution;
  const sizes = convolution.sizes as Sizes;
  const { high, wide } = tilesOf(sizes);
  const total = sizeOf(products.shape) / WINOGRAD.products / 4;
  backend.dispatch(winogradOutputProgram(bias !== undefined, y.half), {
    reads: [products, ...(bias ? [bias] : [])],
    writes: [y.tensor],
    sizes: { ...sizes, ...chunk, columns: sizes.outs / 4, tilesHigh: high, tilesWide: wide, total },
    groups: [Math.ceil(total / TRANSFORMED_TOGETHER)],
  });
}
