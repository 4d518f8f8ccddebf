import { type Block, GROUP } from '../code/gemm.ts';
import { WINOGRAD } from '../code/winograd.ts';
import { channelPart } from '../pack-weights.ts';
import type { Workspace } from '../workspace.ts';
import type { ConvolutionGeometry, ConvolutionTile } from './convolution-geometry.ts';
import type { ConvolutionArguments } from './direct-convolution.ts';
import { frameRuns, frameTerms, type FrameTerm, type Slab, slabIndex } from './frame-terms.ts';
import { readWindow } from './input-window.ts';
import { writeTile } from './output-tile.ts';
import { readBias, readWeights, slabLength } from './read-weights.ts';

const { outputs: STEP, inputs: PATCH, products: PRODUCTS } = WINOGRAD;
/**
 * Floats between the parts of two products, so that the 36 of one patch do not all fall into one set of the cache; the last
 * block of rows may read into it.
 */
const GAP = 48;

/** A run of frames and its products. */
interface ProductRun {
  readonly frames: number;
  /** Blocks of rows of the microkernel. */
  readonly blocks: number;
  /** Its terms, cut where the weights of one do not follow those of the one before in scratch. */
  readonly stretches: readonly (readonly FrameTerm[])[];
}

/** Where everything of one tile lies in scratch, and how large it is. */
interface Layout {
  readonly tile: ConvolutionTile;
  readonly runs: readonly ProductRun[];
  /** Weights that the tile multiplies with, each once. */
  readonly slabs: readonly Slab[];
  /** First input frame and how many. */
  readonly frame: number;
  readonly frames: number;
  /** Patches of a frame: down, across, all. */
  readonly down: number;
  readonly across: number;
  readonly patches: number;
  /** Input channels that are taken together. */
  readonly together: number;
  /** Channels of a patch that lie together in the transformed input: all of them, or a group. */
  readonly group: number;
  /** Rows of the products: patches of all output frames, each run filled up to whole blocks. */
  readonly productRows: number;
}

/**
 * Computes one tile of a 3x3 or 3x3x3 convolution by Winograd's F(4x4, 3x3).
 *
 * Taps in time share the transform of the frame that they read, and are summed among the products. Weights are transformed
 * for each tile anew: that costs a few percent, and keeping them would take four times their memory.
 */
export function winogradConvolution(space: Workspace, call: ConvolutionArguments, job: number): void {
  const { geometry } = call;
  const { block } = space;
  const layout = layOut(geometry, call.tiles[job]!, block);
  const { tile, slabs, frames, patches, down, across, together, productRows } = layout;
  const { channels } = geometry;
  const window = {
    frame: layout.frame,
    frames,
    row: tile.row - geometry.top,
    rows: down * STEP + 2,
    column: tile.column - geometry.left,
    columns: across * STEP + 2,
    shift: 0,
  } as const;
  const stored = tile.panels * block.columns;
  const outputPixels = tile.frames * down * across * STEP * STEP;
  const input = space.take(window.frames * window.rows * window.columns * channels);
  const patched = space.take((channels / together) * PRODUCTS * (frames * patches * together + GAP));
  const table = space.take(productRows * geometry.kernel.time);
  const zeros = space.take(block.columns);
  const plain = space.take(slabs.length * slabLength(geometry, block.columns));
  const spare = space.take(slabLength(geometry, block.columns));
  const weights = space.take(PRODUCTS * (slabs.length * together * block.columns + GAP));
  const products = space.take(PRODUCTS * (productRows * block.columns + GAP));
  const bias = space.take(block.columns);
  const output = space.take(outputPixels * stored);
  const scratch = { input, patched, table, zeros, plain, spare, weights, products, bias, output };

  space.floats.fill(0, zeros / 4, zeros / 4 + block.columns);
  readWindow(space, input, call, tile.batch, window);
  transformInput(space, layout, channels, scratch);
  fillRows(space, layout, table);
  for (let panel = 0; panel < tile.panels; panel++) {
    for (let part = 0; part < channels / together; part++) {
      readWeights(space, { to: plain, spare }, call, { panel: tile.panel + panel, part }, slabs);
      transformWeights(space, layout, scratch);
      multiply(space, layout, part, scratch);
    }
    readBias(space, bias / 4, call.bias, tile.panel + panel);
    transformOutput(space, layout, { from: products, to: output + panel * block.columns * 4, stored }, bias);
  }
  const held = { from: output / 4, rows: down * STEP, columns: across * STEP, stored };
  writeTile(space.floats, held, { ...call, blockColumns: block.columns }, tile);
}

function layOut(geometry: ConvolutionGeometry, tile: ConvolutionTile, { rows: blockRows, grouped }: Block): Layout {
  const frameRunsOfTile = frameRuns(geometry, tile.frame, tile.frame + tile.frames);
  const slabs: Slab[] = [];
  for (const { terms } of frameRunsOfTile.toReversed()) {
    for (const { first, count } of terms) {
      if (slabIndex(slabs, { first, count }) < 0) slabs.push({ first, count });
    }
  }
  const frame = frameRunsOfTile[0]!.terms[0]!.frame;
  const lastFrame = frameTerms(geometry, tile.frame + tile.frames - 1).at(-1)!.frame;
  const down = Math.ceil(tile.rows / STEP);
  const across = Math.ceil(tile.columns / STEP);
  const patches = down * across;
  const together = channelPart(geometry.channels);
  const runs = frameRunsOfTile.map(({ frames, terms }) => ({
    frames,
    blocks: Math.ceil((frames * patches) / blockRows),
    stretches: stretchesOf(terms, slabs),
  }));
  return {
    tile,
    runs,
    slabs,
    frame,
    frames: lastFrame - frame + 1,
    down,
    across,
    patches,
    together,
    group: grouped ? GROUP : together,
    productRows: runs.reduce((rows, { blocks }) => rows + blocks * blockRows, 0),
  };
}

/** Terms in the order of their slabs, cut where a slab is left out. */
function stretchesOf(terms: readonly FrameTerm[], slabs: readonly Slab[]): FrameTerm[][] {
  const stretches: FrameTerm[][] = [];
  let before = -2;
  for (const term of terms.toSorted((a, b) => slabIndex(slabs, a) - slabIndex(slabs, b))) {
    const index = slabIndex(slabs, term);
    if (index === before + 1) stretches.at(-1)!.push(term);
    else stretches.push([term]);
    before = index;
  }
  return stretches;
}

/** Addresses of the parts of scratch. */
interface Scratch {
  /** `[frames, rows, columns, channels]` with zeros around. */
  readonly input: number;
  /** `[parts of the channels, products, groups, frames, patches, channels of a group]`. */
  readonly patched: number;
  /** Addresses for each run, `[blocks, terms, rows of a block]`, or of first rows alone, `[blocks, terms]`. */
  readonly table: number;
  readonly zeros: number;
  /** `[slabs, taps, channels together, columns of a panel]`. */
  readonly plain: number;
  readonly spare: number;
  /** `[products, slabs, channels together, columns of a panel]`. */
  readonly weights: number;
  /** `[products, product rows, columns of a panel]`. */
  readonly products: number;
  readonly bias: number;
  readonly output: number;
}

function transformInput(space: Workspace, layout: Layout, channels: number, { input, patched }: Scratch): void {
  const { frames, down, across, patches, together, group } = layout;
  const pixel = channels * 4;
  const line = (across * STEP + 2) * pixel;
  const product = (frames * patches * together + GAP) * 4;
  const skip = group === together ? 0 : (frames * patches - 1) * group * 4;
  for (let frame = 0; frame < frames; frame++) {
    for (let row = 0; row < down; row++) {
      for (let column = 0; column < across; column++) {
        let source = input + (frame * (down * STEP + 2) + row * STEP) * line + column * STEP * pixel;
        let target = patched + ((frame * down + row) * across + column) * group * 4;
        for (let channel = 0; channel < channels; channel += together) {
          space.run.winogradInput(source, line, pixel, together / 4, target, PATCH * product, product, skip);
          source += together * 4;
          target += PRODUCTS * product;
        }
      }
    }
  }
}

/** For each run: where in a product's part of the transformed input each row of its output reads. */
function fillRows({ integers, block }: Workspace, layout: Layout, table: number): void {
  const { runs, patches, together, group, frame: first } = layout;
  let at = table / 4;
  for (const { frames, blocks, stretches } of runs) {
    const last = frames * patches - 1;
    for (const terms of stretches) {
      for (let begin = 0; begin < blocks * block.rows; begin += block.rows) {
        for (const term of terms) {
          const from = (term.frame - first) * patches;
          // In groups, the rows of a block follow one another; those behind the last one are never used.
          const end = group === together ? begin + block.rows : begin + 1;
          for (let row = begin; row < end; row++) integers[at++] = (from + Math.min(row, last)) * group * 4;
        }
      }
    }
  }
}

function transformWeights({ run, block }: Workspace, { slabs, together }: Layout, scratch: Scratch): void {
  const step = together * block.columns * 4;
  const product = slabs.length * step + GAP * 4;
  slabs.forEach((_, slab) => {
    const source = scratch.plain + slab * 9 * step;
    const target = scratch.weights + slab * step;
    run.winogradWeights(source, 3 * step, step, step / 16, target, PATCH * product, product, 0);
  });
}

function multiply(
  { run, block }: Workspace,
  { runs, slabs, patches, frames, together, group, productRows }: Layout,
  part: number,
  scratch: Scratch,
): void {
  const step = block.columns * 4;
  const slab = together * step;
  const transformed = (frames * patches * together + GAP) * 4;
  for (let product = 0; product < PRODUCTS; product++) {
    const base = scratch.patched + (part * PRODUCTS + product) * transformed;
    const weights = scratch.weights + product * (slabs.length * slab + GAP * 4);
    let table = scratch.table;
    let sums = scratch.products + product * (productRows * step + GAP * 4);
    for (const { blocks, stretches } of runs) {
      let fresh = part === 0;
      for (const terms of stretches) {
        const panel = weights + slabIndex(slabs, terms[0]!) * slab;
        const initial = fresh ? ([scratch.zeros, 0] as const) : ([sums, step] as const);
        if (group === together) {
          run.gemm(table, base, blocks, terms.length, together, panel, ...initial, sums, step);
          table += blocks * block.rows * terms.length * 4;
        } else {
          const [groups, groupStep] = [together / group, frames * patches * group * 4];
          run.gemmGroups(table, base, blocks, terms.length, groups, groupStep, panel, ...initial, sums, step);
          table += blocks * terms.length * 4;
        }
        fresh = false;
      }
      sums += blocks * block.rows * step;
    }
  }
}

function transformOutput(
  { run, block }: Workspace,
  { runs, down, across, patches, productRows }: Layout,
  { from: first, to: output, stored }: { from: number; to: number; stored: number },
  bias: number,
): void {
  const step = block.columns * 4;
  const pixel = stored * 4;
  const line = across * STEP * pixel;
  const product = productRows * step + GAP * 4;
  let frame = 0;
  let source = first;
  for (const { frames, blocks } of runs) {
    for (let t = 0; t < frames; t++, frame++) {
      for (let patch = 0; patch < patches; patch++) {
        const row = frame * down * STEP + Math.floor(patch / across) * STEP;
        const target = output + row * line + (patch % across) * STEP * pixel;
        const from = source + (t * patches + patch) * step;
        run.winogradOutput(from, PATCH * product, product, block.columns / 4, target, line, pixel, bias);
      }
    }
    source += blocks * block.rows * step;
  }
}
