import { OUTER_ROWS } from '../code/outer-product.ts';
import type { Workspace } from '../workspace.ts';
import { type ConvolutionGeometry, panelCount } from './convolution-geometry.ts';
import type { Place } from './convolution-tiles.ts';
import type { FilterLayout } from './filter-layout.ts';
import { frameTerms, slabIndex } from './frame-terms.ts';
import { type InputWindow, readWindow, type WindowSource } from './input-window.ts';

/** Inputs of {@link filterGradient}. */
export interface FilterArguments extends WindowSource {
  readonly layout: FilterLayout;
  /** Gradient of the output. */
  readonly dy: Float32Array;
  /** `[segments, parts]` times what one job holds of them. */
  readonly sums: Float32Array;
}

/** Numbers of the sums of one job: `[slabs, height * width, blocks, panels, 4, columns of a panel]`. */
export function filterSums(geometry: ConvolutionGeometry, layout: FilterLayout, blockColumns: number): number {
  const taps = layout.slabs.length * geometry.kernel.height * geometry.kernel.width;
  return taps * sumsOfTap(geometry, layout, blockColumns);
}

/** Those of one tap: `[blocks, panels, 4, columns of a panel]`. */
function sumsOfTap({ outChannels }: ConvolutionGeometry, { together }: FilterLayout, blockColumns: number): number {
  return together * panelCount(outChannels, blockColumns) * blockColumns;
}

/** Where everything of one job lies in scratch. */
interface Scratch {
  readonly panels: number;
  /** Blocks of four input channels of this job. */
  readonly blocks: number;
  /** Input as read, `[frames, rows, columns, in]`. */
  readonly window: number;
  /** `[blocks, frames * rows * columns, 4]`. */
  readonly input: number;
  /** Gradient of one frame as read, `[pixels, out]`. */
  readonly gradient: number;
  /** `[panels, pixels, columns of a panel]`. */
  readonly lines: number;
  /** `[slabs, height * width, blocks, panels, 4, columns of a panel]`. */
  readonly sums: number;
}

/**
 * Gradient of a convolution's kernel over one segment, for some of its input channels: for each tap, the input times the
 * output's gradient, summed over all pixels. Taps that read the same frame share the product.
 */
export function filterGradient(space: Workspace, call: FilterArguments, job: number): void {
  const { geometry, layout } = call;
  const { outChannels, channels } = geometry;
  const part = job % layout.parts;
  const tiles = tilesOfSegment(layout, Math.floor(job / layout.parts));
  const windows = tiles.map((tile) => windowOf(call, tile));
  const held = Math.max(...windows.map(({ frames, rows, columns }) => frames * rows * columns));
  const pixels = Math.max(...tiles.map(({ rows, columns }) => rows * columns));
  const panels = panelCount(outChannels, space.block.columns);
  const blocks = layout.together / OUTER_ROWS;
  const count = filterSums(geometry, layout, space.block.columns);
  // Whole vectors and parts are read, so the last pixels need room behind them; what lies there is not used.
  const scratch: Scratch = {
    panels,
    blocks,
    sums: space.take(count),
    window: space.take(held * channels + layout.together),
    input: space.take(held * blocks * OUTER_ROWS),
    gradient: space.take(pixels * outChannels + space.block.columns),
    lines: space.take(pixels * panels * space.block.columns),
  };
  space.floats.fill(0, scratch.sums / 4, scratch.sums / 4 + count);
  tiles.forEach((tile, index) => addTile(space, call, { tile, window: windows[index]!, part }, scratch));
  call.sums.set(space.floats.subarray(scratch.sums / 4, scratch.sums / 4 + count), job * count);
}

/** The tiles that one job sums over. */
export function tilesOfSegment({ tiles, segments }: FilterLayout, segment: number): readonly Place[] {
  const begin = (index: number): number => Math.floor((index * tiles.length) / segments);
  return tiles.slice(begin(segment), begin(segment + 1));
}

/** What a tile reads; rows and columns outside the image are zero. */
function windowOf({ geometry }: FilterArguments, { frame, frames, row, rows, column, columns }: Place): InputWindow {
  const { kernel, strides, top, left } = geometry;
  const read = Array.from({ length: frames }, (_, index) => frameTerms(geometry, frame + index)).flat();
  const first = Math.min(...read.map((term) => term.frame));
  return {
    frame: first,
    frames: Math.max(...read.map((term) => term.frame)) - first + 1,
    row: row * strides.height - top,
    rows: (rows - 1) * strides.height + kernel.height,
    column: column * strides.width - left,
    columns: (columns - 1) * strides.width + kernel.width,
    shift: 0,
  };
}

interface TilePart {
  readonly tile: Place;
  readonly window: InputWindow;
  readonly part: number;
}

function addTile(space: Workspace, call: FilterArguments, { tile, window, part }: TilePart, scratch: Scratch): void {
  const { geometry, layout } = call;
  const { channels } = geometry;
  const held = window.frames * window.rows * window.columns;
  readWindow(space, scratch.window, call, tile.batch, window);
  for (let block = 0; block < scratch.blocks; block++) {
    const from = scratch.window + (part * layout.together + block * OUTER_ROWS) * 4;
    space.run.regroup(from, channels * 4, held, 1, scratch.input + block * held * 16);
  }
  for (let frame = tile.frame; frame < tile.frame + tile.frames; frame++) {
    readGradient(space, call, tile, frame, scratch);
    for (const term of frameTerms(geometry, frame)) {
      const place = { tile, window, read: term.frame, slab: slabIndex(layout.slabs, term) };
      addProducts(space, call, place, scratch);
    }
  }
}

/** Copies the output's gradient at one frame of a tile and cuts its channels into panels. */
function readGradient(
  space: Workspace,
  { geometry, dy }: FilterArguments,
  { batch, row, rows, column, columns }: Place,
  frame: number,
  { gradient, lines, panels }: Scratch,
): void {
  const { output, outChannels } = geometry;
  for (let line = 0; line < rows; line++) {
    const from = (((batch * output.time + frame) * output.height + row + line) * output.width + column) * outChannels;
    space.floats.set(dy.subarray(from, from + columns * outChannels), gradient / 4 + line * columns * outChannels);
  }
  const vectors = space.block.columns / 4;
  for (let panel = 0; panel < panels; panel++) {
    const to = lines + panel * rows * columns * vectors * 16;
    space.run.regroup(gradient + panel * vectors * 16, outChannels * 4, rows * columns, vectors, to);
  }
}

/** Adds the products of one frame of the gradient with one frame of the input, for all taps in space. */
function addProducts(
  space: Workspace,
  { geometry }: FilterArguments,
  { tile, window, read, slab }: { tile: Place; window: InputWindow; read: number; slab: number },
  { input, lines, sums, panels, blocks }: Scratch,
): void {
  const { kernel, strides } = geometry;
  const taps = kernel.height * kernel.width;
  const step = space.block.columns * 4;
  const image = window.rows * window.columns;
  const frame = input + (read - window.frame) * image * 16;
  const [xRow, xPixel, xBlock] = [strides.height * window.columns * 16, strides.width * 16, window.frames * image * 16];
  for (let panel = 0; panel < panels; panel++) {
    const dy = lines + panel * tile.rows * tile.columns * step;
    for (let tap = 0; tap < taps; tap++) {
      const x = frame + (Math.floor(tap / kernel.width) * window.columns + (tap % kernel.width)) * 16;
      const to = sums + ((slab * taps + tap) * blocks * panels + panel) * OUTER_ROWS * step;
      const size = [tile.rows, tile.columns, blocks] as const;
      space.run.outerProducts(x, xRow, xPixel, xBlock, dy, ...size, to, step, panels * OUTER_ROWS * step);
    }
  }
}

/** Inputs of {@link collectFilter}. */
export interface CollectArguments extends Pick<FilterArguments, 'geometry' | 'layout' | 'sums'> {
  /** `[time, height, width, in, out]`. */
  readonly gradient: Float32Array;
}

/** Adds up what all segments and slabs hold for one tap, without the channels that only fill a block. */
export function collectFilter(space: Workspace, call: CollectArguments, tap: number): void {
  const { geometry, layout } = call;
  const { kernel } = geometry;
  const area = kernel.height * kernel.width;
  const time = Math.floor(tap / area);
  const count = filterSums(geometry, layout, space.block.columns);
  const length = sumsOfTap(geometry, layout, space.block.columns);
  const [total, more] = [space.take(length), space.take(length)];
  for (let part = 0; part < layout.parts; part++) {
    let address = total;
    for (let segment = 0; segment < layout.segments; segment++) {
      layout.slabs.forEach(({ first, count: taps }, slab) => {
        if (time < first || time >= first + taps) return;
        const from = (segment * layout.parts + part) * count + (slab * area + (tap % area)) * length;
        space.floats.set(call.sums.subarray(from, from + length), address / 4);
        if (address === more) space.run.Add(total, more, total, length / 4, 0);
        address = more;
      });
    }
    if (address === total) space.floats.fill(0, total / 4, total / 4 + length);
    writeSums(space, call, { total, tap, first: part * layout.together });
  }
}

/** Writes the sums of some input channels, `[blocks, panels, 4, columns of a panel]`, to a tap's gradient. */
function writeSums(
  { floats, block: { columns } }: Workspace,
  { geometry: { channels, outChannels }, layout, gradient }: CollectArguments,
  { total, tap, first }: { total: number; tap: number; first: number },
): void {
  const panels = panelCount(outChannels, columns);
  for (let index = 0; index < Math.min(layout.together, channels - first); index++) {
    const row = total / 4 + (Math.floor(index / OUTER_ROWS) * panels * OUTER_ROWS + (index % OUTER_ROWS)) * columns;
    for (let panel = 0; panel < panels; panel++) {
      const at = row + panel * OUTER_ROWS * columns;
      const wanted = Math.min(columns, outChannels - panel * columns);
      const to = (tap * channels + first + index) * outChannels + panel * columns;
      gradient.set(floats.subarray(at, at + wanted), to);
    }
  }
}
