import type { Workspace } from '../workspace.ts';
import type { ConvolutionArguments } from './direct-convolution.ts';
import { readWindow } from './input-window.ts';
import { writeTile } from './output-tile.ts';
import { readBias, readWeights, slabLength } from './read-weights.ts';
import { type WinogradLayout, winogradLayout } from './winograd-layout.ts';

/**
 * Floats between the parts of two products, so that those of one patch do not all fall into one set of the cache; the last
 * block of rows may read into it.
 */
const GAP = 48;
/** Panels whose products are made together, while a product's part of the transformed input is in the cache. */
const PANELS = 2;

/**
 * Computes one tile of a 3x3 or 3x3x3 convolution by Winograd's F(4x4, 3x3) or F(6x6, 3x3), and where frames follow one
 * another by F(2, 3) along time: two frames cost four products of each patch instead of six.
 *
 * Frames that stay alone share the transform of the frames that they read. Weights are transformed for each tile anew: that
 * costs a few percent, and keeping them would take four times their memory.
 */
export function winogradConvolution(space: Workspace, call: ConvolutionArguments, job: number): void {
  const { geometry } = call;
  const { block } = space;
  const layout = winogradLayout(geometry, call.tiles[job]!, block);
  const { tile, slabs, pairTaps, frames, down, across, together, productRows } = layout;
  const { outputs: step, products: count } = layout.winograd;
  const { channels } = geometry;
  const window = {
    frame: layout.frame,
    frames,
    row: tile.row - geometry.top,
    rows: down * step + 2,
    column: tile.column - geometry.left,
    columns: across * step + 2,
    shift: 0,
  } as const;
  const stored = tile.panels * block.columns;
  const outputPixels = tile.frames * down * across * step * step;
  const input = space.take(window.frames * window.rows * window.columns * channels);
  const patched = space.take((channels / together) * count * partOfProduct(layout));
  const table = space.take(productRows * geometry.kernel.time);
  const zeros = space.take(block.columns);
  const plain = space.take((slabs.length + (pairTaps ? 2 : 0)) * slabLength(geometry, block.columns));
  const spare = space.take(slabLength(geometry, block.columns));
  const group = Math.min(PANELS, tile.panels);
  const weights = space.take(group * count * weightsOfProduct(layout, block.columns));
  const products = space.take(group * count * (productRows * block.columns + GAP));
  const bias = space.take(block.columns);
  const output = space.take(outputPixels * stored);
  const scratch = { input, patched, table, zeros, plain, spare, weights, products, bias, output };

  space.floats.fill(0, zeros / 4, zeros / 4 + block.columns);
  readWindow(space, input, call, tile.batch, window);
  transformInput(space, layout, channels, scratch);
  fillRows(space, layout, table);
  const parts = channels / together;
  for (let first = 0; first < tile.panels; first += group) {
    const panels = Math.min(group, tile.panels - first);
    for (let part = 0; part < parts; part++) {
      for (let index = 0; index < panels; index++) {
        readWeights(space, { to: plain, spare }, call, { panel: tile.panel + first + index, part }, slabs);
        transformWeights(space, layout, index, scratch);
      }
      multiply(space, layout, { panels, part, isLast: part === parts - 1 }, scratch);
    }
    for (let index = 0; index < panels; index++) {
      readBias(space, bias / 4, call.bias, tile.panel + first + index);
      const from = products + index * count * (productRows * block.columns + GAP) * 4;
      transformOutput(space, layout, { from, to: output + (first + index) * block.columns * 4, stored }, bias);
    }
  }
  const held = { from: output / 4, rows: down * step, columns: across * step, stored };
  writeTile(space.floats, held, { ...call, blockColumns: block.columns }, tile);
}

/** Addresses of the parts of scratch. */
interface Scratch {
  /** `[frames, rows, columns, channels]` with zeros around. */
  readonly input: number;
  /** `[parts of the channels, products, groups, reads, patches, channels of a group]`. */
  readonly patched: number;
  /** Addresses for each run, `[blocks, terms, rows of a block]`, or of first rows alone, `[blocks, terms]`. */
  readonly table: number;
  readonly zeros: number;
  /** `[slabs and two of pairs, taps, channels together, columns of a panel]`. */
  readonly plain: number;
  readonly spare: number;
  /** `[panels together, products, transformed weights, channels together, columns of a panel]`. */
  readonly weights: number;
  /** `[panels together, products, product rows, columns of a panel]`. */
  readonly products: number;
  readonly bias: number;
  readonly output: number;
}

function transformInput(space: Workspace, layout: WinogradLayout, channels: number, { input, patched }: Scratch): void {
  const { reads, down, across, patches, together, group } = layout;
  const { outputs: step, inputs: size, products: count } = layout.winograd;
  const { run } = space;
  const pixel = channels * 4;
  const line = (across * step + 2) * pixel;
  const image = (down * step + 2) * line;
  const product = partOfProduct(layout) * 4;
  const skip = group === together ? 0 : (reads.length * patches - 1) * group * 4;
  reads.forEach(({ frame, other }, index) => {
    for (let patch = 0; patch < patches; patch++) {
      const [row, column] = [Math.floor(patch / across), patch % across];
      let source = input + frame * image + row * step * line + column * step * pixel;
      let target = patched + (index * patches + patch) * group * 4;
      for (let channel = 0; channel < channels; channel += together) {
        const places = [source, line, pixel, together / 4, target, size * product, product, skip] as const;
        if (!other) run[`winogradInput${step}`](...places);
        else if (other.join === 'added') run[`winogradInputSum${step}`](...places, (other.frame - frame) * image);
        else run[`winogradInputDifference${step}`](...places, (other.frame - frame) * image);
        source += together * 4;
        target += count * product;
      }
    }
  });
}

/** Numbers of one product of all that is read, of a part of the channels. */
function partOfProduct({ reads, patches, together }: WinogradLayout): number {
  return reads.length * patches * together + GAP;
}

/** For each run: where in a product's part of the transformed input each row of its output reads. */
function fillRows({ integers, block }: Workspace, layout: WinogradLayout, table: number): void {
  const { runs, patches, together, group } = layout;
  let at = table / 4;
  for (const { frames, blocks, stretches } of runs) {
    const last = frames * patches - 1;
    for (const terms of stretches) {
      for (let begin = 0; begin < blocks * block.rows; begin += block.rows) {
        for (const { read } of terms) {
          const from = read * patches;
          // In groups, the rows of a block follow one another; those behind the last one are never used.
          const end = group === together ? begin + block.rows : begin + 1;
          for (let row = begin; row < end; row++) integers[at++] = (from + Math.min(row, last)) * group * 4;
        }
      }
    }
  }
}

/** Transforms the slabs, and for pairs of frames the half sums and differences of three of them. */
function transformWeights({ run, block }: Workspace, layout: WinogradLayout, panel: number, scratch: Scratch): void {
  const { slabs, pairTaps, transformed, together } = layout;
  const { outputs, inputs, products } = layout.winograd;
  const step = together * block.columns * 4;
  const plain = (index: number) => scratch.plain + index * 9 * step;
  if (pairTaps) {
    const [g0, g1, g2] = pairTaps.map(plain);
    run.pairWeights(g0!, g1!, g2!, plain(slabs.length), plain(slabs.length + 1), (9 * step) / 16);
  }
  const product = weightsOfProduct(layout, block.columns) * 4;
  transformed.forEach((index, place) => {
    const target = scratch.weights + panel * products * product + place * step;
    run[`winogradWeights${outputs}`](plain(index), 3 * step, step, step / 16, target, inputs * product, product, 0);
  });
}

/** Numbers of one product of all transformed weights. */
function weightsOfProduct({ transformed, together }: WinogradLayout, columns: number): number {
  return transformed.length * together * columns + GAP;
}

function multiply(
  { run, block }: Workspace,
  layout: WinogradLayout,
  { panels, part, isLast }: { panels: number; part: number; isLast: boolean },
  scratch: Scratch,
): void {
  const { runs, pairs, reads, patches, together, group, productRows } = layout;
  const { products } = layout.winograd;
  const step = block.columns * 4;
  const slab = together * step;
  const ofInput = partOfProduct(layout) * 4;
  const ofWeights = weightsOfProduct(layout, block.columns) * 4;
  const ofRows = productRows * step + GAP * 4;
  for (let product = 0; product < products; product++) {
    const base = scratch.patched + (part * products + product) * ofInput;
    for (let index = 0; index < panels; index++) {
      const weights = scratch.weights + (index * products + product) * ofWeights;
      const rows = scratch.products + (index * products + product) * ofRows;
      let table = scratch.table;
      for (const { blocks, row, stretches } of runs) {
        const sums = rows + row * step;
        let fresh = part === 0;
        for (const terms of stretches) {
          const panel = weights + terms[0]!.weights * slab;
          const initial = fresh ? ([scratch.zeros, 0] as const) : ([sums, step] as const);
          if (group === together) {
            run.gemm(table, base, blocks, terms.length, together, panel, ...initial, sums, step);
            table += blocks * block.rows * terms.length * 4;
          } else {
            const [groups, groupStep] = [together / group, reads.length * patches * group * 4];
            run.gemmGroups(table, base, blocks, terms.length, groups, groupStep, panel, ...initial, sums, step);
            table += blocks * terms.length * 4;
          }
          fresh = false;
        }
      }
      if (!pairs || !isLast) continue;
      const bytes = pairs.blocks * block.rows * step;
      run.joinPairs(rows + pairs.row * step, bytes, bytes / 16);
    }
  }
}

function transformOutput(
  { run, block }: Workspace,
  { winograd, outputRows, down, across, patches, productRows }: WinogradLayout,
  { from, to, stored }: { from: number; to: number; stored: number },
  bias: number,
): void {
  const { outputs, inputs } = winograd;
  const step = block.columns * 4;
  const pixel = stored * 4;
  const line = across * outputs * pixel;
  const product = productRows * step + GAP * 4;
  outputRows.forEach((first, frame) => {
    for (let patch = 0; patch < patches; patch++) {
      const row = frame * down * outputs + Math.floor(patch / across) * outputs;
      const target = to + row * line + (patch % across) * outputs * pixel;
      const source = from + (first + patch) * step;
      run[`winogradOutput${outputs}`](source, inputs * product, product, block.columns / 4, target, line, pixel, bias);
    }
  });
}
