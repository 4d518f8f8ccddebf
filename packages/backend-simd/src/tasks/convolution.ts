import { BLOCK_COLUMNS, BLOCK_ROWS } from '../code/gemm.ts';
import type { Workspace } from '../workspace.ts';
import { fillAddresses } from './convolution-addresses.ts';
import { type ConvolutionGeometry, type ConvolutionTile, mergedTaps, panelCount } from './convolution-geometry.ts';
import { inputRegion, readRegion } from './input-region.ts';

/** Inputs of a convolution; arrays are shared by all threads. */
export interface ConvolutionArguments {
  readonly geometry: ConvolutionGeometry;
  readonly tiles: readonly ConvolutionTile[];
  readonly x: Float32Array;
  /** From `packWeights`. */
  readonly weights: Float32Array;
  readonly bias: Float32Array;
  readonly y: Float32Array;
}

/**
 * Products that are summed before they are added to the rest: few enough that float32 sums of thousands keep their last
 * digits, and that their weights, 32 KiB, stay in the first cache.
 */
const TERMS = 1024;

/** Computes one tile of a causal convolution. */
export function convolution(space: Workspace, call: ConvolutionArguments, job: number): void {
  const { geometry } = call;
  const tile = call.tiles[job]!;
  const { kernel, channels: depth } = geometry;
  const merged = mergedTaps(geometry, tile.frame);
  const taps = (kernel.time - merged + 1) * kernel.height * kernel.width;
  const pixels = tile.frames * tile.rows * tile.columns;
  const blocks = Math.ceil(pixels / BLOCK_ROWS);
  const region = inputRegion(geometry, tile);

  const table = space.take(blocks * BLOCK_ROWS * taps);
  const zeros = space.take(depth);
  const input = space.take(region.frames * region.rows * region.columns * depth);
  const panel = space.take(taps * depth * BLOCK_COLUMNS);
  const bias = space.take(BLOCK_COLUMNS);
  const output = space.take(blocks * BLOCK_ROWS * tile.panels * BLOCK_COLUMNS);

  space.floats.fill(0, zeros / 4, zeros / 4 + depth);
  readRegion(space.floats, input / 4, call, tile.batch, region);
  const most = Math.max(1, Math.floor(TERMS / depth));
  const together = Math.ceil(taps / Math.ceil(taps / most));
  fillAddresses(space, { geometry, tile, region, merged, together, table, zeros, input });

  for (let index = 0; index < tile.panels; index++) {
    readPanel(space.floats, panel / 4, call, tile.panel + index, merged);
    readBias(space.floats, bias / 4, call.bias, tile.panel + index);
    const step = tile.panels * BLOCK_COLUMNS * 4;
    const sums = output + index * BLOCK_COLUMNS * 4;
    for (let tap = 0; tap < taps; tap += together) {
      const count = Math.min(together, taps - tap);
      const rows = table + tap * blocks * BLOCK_ROWS * 4;
      const weights = panel + tap * depth * BLOCK_COLUMNS * 4;
      if (tap === 0) space.run.gemm(rows, blocks, count, depth, weights, bias, 0, sums, step);
      else space.run.gemm(rows, blocks, count, depth, weights, sums, step, sums, step);
    }
  }
  writeTile(space.floats, output / 4, call, tile);
}

/** Copies one panel of weights into scratch, the taps that read the same frame as their sum. */
function readPanel(
  scratch: Float32Array,
  to: number,
  { geometry, weights }: ConvolutionArguments,
  panel: number,
  merged: number,
): void {
  const { kernel, channels, outChannels } = geometry;
  const length = kernel.height * kernel.width * channels * BLOCK_COLUMNS;
  const begin = (slab: number) => (slab * panelCount(outChannels) + panel) * length;
  for (let slab = merged - 1; slab < kernel.time; slab++) {
    scratch.set(weights.subarray(begin(slab), begin(slab) + length), to + (slab - merged + 1) * length);
  }
  for (let slab = 0; slab < merged - 1; slab++) {
    const from = begin(slab);
    for (let i = 0; i < length; i++) scratch[to + i]! += weights[from + i]!;
  }
}

function readBias(scratch: Float32Array, to: number, bias: Float32Array, panel: number): void {
  const values = bias.subarray(panel * BLOCK_COLUMNS, (panel + 1) * BLOCK_COLUMNS);
  scratch.fill(0, to, to + BLOCK_COLUMNS);
  scratch.set(values, to);
}

function writeTile(
  scratch: Float32Array,
  from: number,
  { geometry, y }: ConvolutionArguments,
  { batch, frame, frames, row, rows, column, columns, panel, panels }: ConvolutionTile,
): void {
  const { output, outChannels } = geometry;
  const stored = panels * BLOCK_COLUMNS;
  const first = panel * BLOCK_COLUMNS;
  const wanted = Math.min(stored, outChannels - first);
  let source = from;
  for (let t = frame; t < frame + frames; t++) {
    for (let line = row; line < row + rows; line++) {
      const to = (((batch * output.time + t) * output.height + line) * output.width + column) * outChannels + first;
      if (wanted === outChannels && wanted === stored) {
        y.set(scratch.subarray(source, source + columns * stored), to);
      } else {
        for (let pixel = 0; pixel < columns; pixel++) {
          const at = source + pixel * stored;
          for (let channel = 0; channel < wanted; channel++)
            y[to + pixel * outChannels + channel] = scratch[at + channel]!;
        }
      }
      source += columns * stored;
    }
  }
}
