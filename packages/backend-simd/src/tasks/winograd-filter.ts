import { OUTER_ROWS } from '../code/outer-product.ts';
import { F4, WINOGRAD_TAPS as TAPS } from '../code/winograd.ts';
import type { Workspace } from '../workspace.ts';
import { panelCount } from './convolution-geometry.ts';
import type { Place } from './convolution-tiles.ts';
import { type FilterArguments, filterSums, tilesOfSegment } from './filter-gradient.ts';
import { frameRuns, frameTerms, slabIndex } from './frame-terms.ts';
import { readWindow } from './input-window.ts';

const { outputs: STEP, inputs: PATCH, products: PRODUCTS } = F4;

/** Numbers of the transformed sums of one job: as many as the sums have, for 36 products in the place of nine taps. */
function transformedSums(sums: number): number {
  return (sums / TAPS ** 2) * PRODUCTS;
}

/** How large everything is. */
interface Sizes {
  /** First input channel of this job. */
  readonly first: number;
  /** Blocks of four input channels. */
  readonly blocks: number;
  readonly panels: number;
  /** Numbers of one product of one slab: `[blocks, panels, 4, columns of a panel]`. */
  readonly slab: number;
  /** Channels of the gradient in scratch, which fill whole panels. */
  readonly stored: number;
}

/** Where everything of one job lies in scratch. */
interface Scratch {
  /** Input as read, `[frames, rows, columns, in]`. */
  readonly input: number;
  /** `[products, frames, patches, channels together]`. */
  readonly patched: number;
  /** Gradient as read, `[rows, columns, out]` of one frame, with zeros up to whole patches and panels. */
  readonly gradient: number;
  /** `[products, panels, frames, patches, columns of a panel]`. */
  readonly lines: number;
  /** `[products, slabs, blocks, panels, 4, columns of a panel]`. */
  readonly sums: number;
}

/**
 * Gradient of a 3x3 or 3x3x3 convolution's kernel by Winograd's F(4x4, 3x3) turned around: where the convolution is
 * `A' (G g G' * B' d B) A`, the gradient of `g` is `G' (A dy A' * B' d B) G`, and what is in brackets is summed over all
 * patches before it is transformed. A quarter of the products; the sums are those of `filterGradient`, for the same job.
 */
export function winogradFilter(space: Workspace, call: FilterArguments, job: number): void {
  const { geometry, layout } = call;
  const { columns } = space.block;
  const tiles = tilesOfSegment(layout, Math.floor(job / layout.parts));
  const panels = panelCount(geometry.outChannels, columns);
  const blocks = layout.together / OUTER_ROWS;
  const slab = blocks * panels * OUTER_ROWS * columns;
  const sizes = { first: (job % layout.parts) * layout.together, blocks, panels, slab, stored: panels * columns };
  const count = filterSums(geometry, layout, columns);
  const most = (of: (tile: Place) => number): number => Math.max(...tiles.map(of));
  const pixels = most((tile) => down(tile) * STEP * across(tile) * STEP);
  const read = most((tile) => inputFrames(call, tile).frames * (down(tile) * STEP + 2) * (across(tile) * STEP + 2));
  const patches = most((tile) => inputFrames(call, tile).frames * down(tile) * across(tile));
  const scratch: Scratch = {
    // A part of the channels may end behind the last pixel; what lies there is not used.
    input: space.take(read * geometry.channels + layout.together),
    patched: space.take(PRODUCTS * patches * layout.together),
    gradient: space.take(pixels * sizes.stored),
    lines: space.take(PRODUCTS * patches * sizes.stored),
    sums: space.take(transformedSums(count)),
  };
  const result = space.take(count);
  space.floats.fill(0, scratch.sums / 4, scratch.sums / 4 + transformedSums(count));
  for (const tile of tiles) addTile(space, call, tile, sizes, scratch);
  const product = layout.slabs.length * slab * 4;
  for (let index = 0; index < layout.slabs.length; index++) {
    const from = scratch.sums + index * slab * 4;
    const to = result + index * TAPS ** 2 * slab * 4;
    space.run.winogradFilter4(from, PATCH * product, product, slab / 4, to, TAPS * slab * 4, slab * 4, 0);
  }
  call.sums.set(space.floats.subarray(result / 4, result / 4 + count), job * count);
}

function down({ rows }: Place): number {
  return Math.ceil(rows / STEP);
}

function across({ columns }: Place): number {
  return Math.ceil(columns / STEP);
}

/** The frames that a tile reads; they follow one another. */
function inputFrames({ geometry }: FilterArguments, { frame, frames }: Place): { frame: number; frames: number } {
  const first = frameTerms(geometry, frame)[0]!.frame;
  return { frame: first, frames: frameTerms(geometry, frame + frames - 1).at(-1)!.frame - first + 1 };
}

function addTile(space: Workspace, call: FilterArguments, tile: Place, sizes: Sizes, scratch: Scratch): void {
  const { geometry, layout } = call;
  const { blocks, panels, slab } = sizes;
  const line = space.block.columns * 4;
  const patches = down(tile) * across(tile);
  const read = inputFrames(call, tile);
  transformInput(space, call, tile, sizes, scratch);
  transformGradient(space, call, tile, sizes, scratch);
  const step = patches * layout.together * 4;
  const panelBytes = tile.frames * patches * line;
  // The same for all products, so looked up once: where each run of frames reads and which slab it adds to.
  const places = frameRuns(geometry, tile.frame, tile.frame + tile.frames).flatMap((run) =>
    run.terms.map((term) => ({
      rows: run.frames * patches,
      x: scratch.patched + (term.frame - read.frame) * step,
      dy: scratch.lines + (run.frame - tile.frame) * patches * line,
      to: scratch.sums + slabIndex(layout.slabs, term) * slab * 4,
    })),
  );
  const [pixel, row] = [layout.together * 4, OUTER_ROWS * line];
  for (let product = 0; product < PRODUCTS; product++) {
    const ofInput = product * read.frames * step;
    const ofSums = product * layout.slabs.length * slab * 4;
    for (const { rows, x, dy, to } of places) {
      for (let panel = 0; panel < panels; panel++) {
        const lines = dy + (product * panels + panel) * panelBytes;
        const sums = to + ofSums + panel * row;
        space.run.outerProducts(
          x + ofInput,
          0,
          pixel,
          OUTER_ROWS * 4,
          lines,
          1,
          rows,
          blocks,
          sums,
          line,
          panels * row,
        );
      }
    }
  }
}

function transformInput(
  space: Workspace,
  call: FilterArguments,
  tile: Place,
  { first }: Sizes,
  { input, patched }: Scratch,
): void {
  const { geometry, layout } = call;
  const window = {
    ...inputFrames(call, tile),
    row: tile.row - geometry.top,
    rows: down(tile) * STEP + 2,
    column: tile.column - geometry.left,
    columns: across(tile) * STEP + 2,
    shift: 0,
  } as const;
  readWindow(space, input, call, tile.batch, window);
  const pixel = geometry.channels * 4;
  const line = window.columns * pixel;
  const step = layout.together * 4;
  const product = window.frames * down(tile) * across(tile) * step;
  let target = patched;
  for (let frame = 0; frame < window.frames; frame++) {
    for (let row = 0; row < down(tile); row++) {
      for (let column = 0; column < across(tile); column++) {
        const source = input + (frame * window.rows + row * STEP) * line + column * STEP * pixel + first * 4;
        space.run.winogradInput4(source, line, pixel, layout.together / 4, target, PATCH * product, product, 0);
        target += step;
      }
    }
  }
}

function transformGradient(
  space: Workspace,
  { geometry, dy }: FilterArguments,
  tile: Place,
  { panels, stored }: Sizes,
  { gradient, lines }: Scratch,
): void {
  const { output, outChannels } = geometry;
  const { columns } = space.block;
  const { frames } = tile;
  const [high, wide] = [down(tile), across(tile)];
  const pixel = stored * 4;
  const line = wide * STEP * pixel;
  const panelBytes = frames * high * wide * columns * 4;
  const product = panels * panelBytes;
  space.floats.fill(0, gradient / 4, gradient / 4 + high * STEP * wide * STEP * stored);
  for (let frame = 0; frame < frames; frame++) {
    for (let row = 0; row < tile.rows; row++) {
      const place = ((tile.batch * output.time + tile.frame + frame) * output.height + tile.row + row) * output.width;
      const from = (place + tile.column) * outChannels;
      const to = (gradient + row * line) / 4;
      if (stored === outChannels) {
        space.floats.set(dy.subarray(from, from + tile.columns * outChannels), to);
        continue;
      }
      for (let column = 0; column < tile.columns; column++) {
        const at = from + column * outChannels;
        space.floats.set(dy.subarray(at, at + outChannels), to + column * stored);
      }
    }
    for (let patch = 0; patch < high * wide; patch++) {
      const source = gradient + Math.floor(patch / wide) * STEP * line + (patch % wide) * STEP * pixel;
      for (let panel = 0; panel < panels; panel++) {
        const target = lines + panel * panelBytes + (frame * high * wide + patch) * columns * 4;
        const from = source + panel * columns * 4;
        space.run.winogradGradient4(from, line, pixel, columns / 4, target, PATCH * product, product, 0);
      }
    }
  }
}
