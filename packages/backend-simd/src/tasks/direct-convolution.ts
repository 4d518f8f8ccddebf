import { channelPart } from '../pack-weights.ts';
import type { Workspace } from '../workspace.ts';
import { fillAddresses } from './convolution-addresses.ts';
import type { ConvolutionGeometry, ConvolutionTile } from './convolution-geometry.ts';
import { frameTerms } from './frame-terms.ts';
import { type InputWindow, readWindow, type WindowSource } from './input-window.ts';
import { writeTile } from './output-tile.ts';
import { readBias, readWeights, slabLength, type WeightSource } from './read-weights.ts';

/** Inputs of a convolution; arrays are shared by all threads. */
export interface ConvolutionArguments extends WindowSource, WeightSource {
  readonly tiles: readonly ConvolutionTile[];
  readonly y: Float32Array;
}

/**
 * Products that are summed before they are added to the rest: few enough that float32 sums of thousands keep their last
 * digits, and that their weights, 32 to 64 KiB, stay in the first two caches.
 */
const TERMS = 1024;

/** Computes one tile of a causal convolution, tap by tap. */
export function directConvolution(space: Workspace, call: ConvolutionArguments, job: number): void {
  const { geometry } = call;
  const { block } = space;
  const tile = call.tiles[job]!;
  const { kernel, channels: depth } = geometry;
  const terms = frameTerms(geometry, tile.frame);
  const taps = terms.length * kernel.height * kernel.width;
  const blocks = Math.ceil((tile.frames * tile.rows * tile.columns) / block.rows);
  const window = readableWindow(geometry, tile);

  const table = space.take(blocks * block.rows * taps);
  const zeros = space.take(depth);
  const input = space.take(window.frames * window.rows * window.columns * depth);
  const together = channelPart(depth);
  const slab = slabLength(geometry, block.columns);
  const [to, spare] = [space.take(terms.length * slab), space.take(slab)];
  const bias = space.take(block.columns);
  const output = space.take(blocks * block.rows * tile.panels * block.columns);

  space.floats.fill(0, zeros / 4, zeros / 4 + depth);
  readWindow(space, input, call, tile.batch, window);
  const tapsTogether = Math.ceil(taps / Math.ceil(taps / Math.max(1, Math.floor(TERMS / together))));
  fillAddresses(space, { geometry, tile, window, terms, together: tapsTogether, table, zeros, input });

  for (let index = 0; index < tile.panels; index++) {
    const step = tile.panels * block.columns * 4;
    const sums = output + index * block.columns * 4;
    readBias(space, bias / 4, call.bias, tile.panel + index);
    for (let part = 0; part < depth / together; part++) {
      readWeights(space, { to, spare }, call, { panel: tile.panel + index, part }, terms);
      for (let tap = 0; tap < taps; tap += tapsTogether) {
        const count = Math.min(tapsTogether, taps - tap);
        const rows = table + tap * blocks * block.rows * 4;
        const weights = to + tap * together * block.columns * 4;
        const initial = part + tap === 0 ? ([bias, 0] as const) : ([sums, step] as const);
        space.run.gemm(rows, part * together * 4, blocks, count, together, weights, ...initial, sums, step);
      }
    }
  }
  const held = { from: output / 4, rows: tile.rows, columns: tile.columns, stored: tile.panels * block.columns };
  writeTile(space.floats, held, { ...call, blockColumns: block.columns }, tile);
}

/** The part of the clip that a tile reads, without what lies outside; of the source where addresses enlarge it. */
function readableWindow(geometry: ConvolutionGeometry, tile: ConvolutionTile): InputWindow {
  const { kernel, strides, input } = geometry;
  const shift = geometry.enlargement?.mode === 'nearest' ? 1 : 0;
  const frame = frameTerms(geometry, tile.frame)[0]!.frame;
  const lastFrame = frameTerms(geometry, tile.frame + tile.frames - 1).at(-1)!.frame;
  const [row, rows] = span(tile.row, tile.rows, strides.height, kernel.height, geometry.top, input.height, shift);
  const [column, columns] = span(
    ...([tile.column, tile.columns, strides.width, kernel.width, geometry.left, input.width, shift] as const),
  );
  return { frame, frames: lastFrame - frame + 1, row, rows, column, columns, shift };
}

function span(
  begin: number,
  count: number,
  stride: number,
  kernel: number,
  before: number,
  size: number,
  shift: number,
): [begin: number, count: number] {
  const first = Math.min(size - 1, Math.max(0, begin * stride - before)) >> shift;
  const last = Math.min(size - 1, Math.max(0, (begin + count - 1) * stride - before + kernel - 1)) >> shift;
  return [first, last - first + 1];
}
