import { type Block, GROUP } from '../code/gemm.ts';
import { F4, F6, type Winograd } from '../code/winograd.ts';
import { channelPart } from '../pack-weights.ts';
import type { ConvolutionGeometry, ConvolutionTile } from './convolution-geometry.ts';
import { type FrameRun, frameRuns, frameTerms, type FrameTerm, type Slab, slabIndex } from './frame-terms.ts';

/** What is transformed: a frame, counted from the first that the tile reads, or two of them together. */
interface FrameRead {
  readonly frame: number;
  readonly other?: { readonly frame: number; readonly join: 'added' | 'subtracted' };
}

/** One product of a run. */
interface RunTerm {
  /** Which of the transformed weights. */
  readonly weights: number;
  /** What its first frame reads; its later ones read what follows. */
  readonly read: number;
}

/** Frames that are multiplied with the same weights, or one of the four products of all pairs of frames. */
interface ProductRun {
  readonly frames: number;
  /** Blocks of rows of the microkernel. */
  readonly blocks: number;
  /** First row of its products. */
  readonly row: number;
  /** Its terms, cut where the weights of one do not follow those of the one before in scratch. */
  readonly stretches: readonly (readonly RunTerm[])[];
}

/** Where everything of one tile of a Winograd convolution lies in scratch, and how large it is. */
export interface WinogradLayout {
  readonly tile: ConvolutionTile;
  /** Sizes of a patch. */
  readonly winograd: Winograd;
  readonly reads: readonly FrameRead[];
  readonly runs: readonly ProductRun[];
  /** The first of the four runs of pairs, which are the last ones. */
  readonly pairs: ProductRun | undefined;
  /** For each output frame: the first row of its products, once pairs are joined. */
  readonly outputRows: readonly number[];
  /** Weights that are read from the kernel. */
  readonly slabs: readonly Slab[];
  /** Of pairs: the slabs of the three taps. */
  readonly pairTaps: readonly number[] | undefined;
  /** What is transformed, by index: slabs, and behind them the two weights of pairs that are made of three slabs. */
  readonly transformed: readonly number[];
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

/** Two output frames that follow one another, the four frames that they read, and the taps that read the first three. */
interface FramePair {
  readonly frame: number;
  readonly reads: readonly number[];
  readonly taps: readonly number[];
}

/** Products of a pair by F(2, 3), in the order of the weights `g0, sum, difference, g2`; see `code/frame-pairs.ts`. */
const PAIR_READS = [
  [0, 2, 'subtracted'],
  [1, 2, 'added'],
  [2, 1, 'subtracted'],
  [1, 3, 'subtracted'],
] as const;

/** Input channels from which products cost so much more than transforms that pairs pay. */
const PAIRED_CHANNELS = 128;

/** Whether frames that follow one another are computed in pairs. */
export function pairsFrames({ kernel, channels }: ConvolutionGeometry): boolean {
  return kernel.time === 3 && channels >= PAIRED_CHANNELS;
}

/** Share of the products of smaller patches below which larger ones pay, which small images leave half empty. */
const LARGER_PATCHES = 0.95;

/** The sizes of patches by which a convolution needs fewer products. */
export function winogradOf({ output }: ConvolutionGeometry): Winograd {
  const productsBy = ({ outputs, products }: Winograd) =>
    Math.ceil(output.height / outputs) * Math.ceil(output.width / outputs) * products;
  return productsBy(F6) < LARGER_PATCHES * productsBy(F4) ? F6 : F4;
}

/** Plans one tile: which frames are made by pairs, which alone, and what both read. */
export function winogradLayout(
  geometry: ConvolutionGeometry,
  tile: ConvolutionTile,
  { rows: blockRows, grouped }: Block,
): WinogradLayout {
  const { alone, pairs } = pairFrames(geometry, tile);
  const aloneRuns = alone.flatMap(([begin, end]) => frameRuns(geometry, begin, end));
  const { slabs, pairTaps, transformed } = weightsOf(aloneRuns, pairs);
  const extent = extentOf(geometry, tile);
  const { frame, patches } = extent;

  const single = framesOf(aloneRuns);
  const reads: FrameRead[] = single.map((one) => ({ frame: one - frame }));
  const runs: ProductRun[] = [];
  let productRows = 0;
  const addRun = (frames: number, stretches: readonly (readonly RunTerm[])[]) => {
    const blocks = Math.ceil((frames * patches) / blockRows);
    runs.push({ frames, blocks, row: productRows, stretches });
    productRows += blocks * blockRows;
  };
  const outputRows: number[] = [];
  for (const run of aloneRuns) {
    for (let t = 0; t < run.frames; t++) outputRows[run.frame + t - tile.frame] = productRows + t * patches;
    const stretches = stretchesOf(run.terms, slabs).map((terms) =>
      terms.map((term) => ({ weights: slabIndex(slabs, term), read: single.indexOf(term.frame) })),
    );
    addRun(run.frames, stretches);
  }
  const firstOfPairs = runs.length;
  if (pairTaps) {
    const weights = [pairTaps[0]!, slabs.length, slabs.length + 1, pairTaps[2]!].map((one) => transformed.indexOf(one));
    PAIR_READS.forEach(([one, other, join], index) => {
      if (index < 2)
        pairs.forEach((pair, p) => (outputRows[pair.frame + index - tile.frame] = productRows + p * patches));
      addRun(pairs.length, [[{ weights: weights[index]!, read: reads.length }]]);
      for (const pair of pairs) {
        reads.push({ frame: pair.reads[one]! - frame, other: { frame: pair.reads[other]! - frame, join } });
      }
    });
  }
  return {
    ...extent,
    tile,
    reads,
    runs,
    pairs: runs[firstOfPairs],
    outputRows,
    slabs,
    pairTaps,
    transformed,
    group: grouped ? GROUP : extent.together,
    productRows,
  };
}

/** The frames that a tile reads, its patches, and the channels that are taken together. */
function extentOf(geometry: ConvolutionGeometry, tile: ConvolutionTile) {
  const winograd = winogradOf(geometry);
  const frame = frameTerms(geometry, tile.frame)[0]!.frame;
  const lastFrame = frameTerms(geometry, tile.frame + tile.frames - 1).at(-1)!.frame;
  const down = Math.ceil(tile.rows / winograd.outputs);
  const across = Math.ceil(tile.columns / winograd.outputs);
  const together = channelPart(geometry.channels);
  return { winograd, frame, frames: lastFrame - frame + 1, down, across, patches: down * across, together };
}

/** The frames that runs read, each once. */
function framesOf(runs: readonly FrameRun[]): number[] {
  const read = runs.flatMap(({ frames, terms }) =>
    terms.flatMap((term) => Array.from({ length: frames }, (_, t) => term.frame + t)),
  );
  return [...new Set(read)].toSorted((a, b) => a - b);
}

/** Slabs that a tile reads, the three of pairs among them, and what is transformed. */
function weightsOf(aloneRuns: readonly FrameRun[], pairs: readonly FramePair[]) {
  const slabs = slabsOf(aloneRuns.toReversed().flatMap(({ terms }) => terms));
  const transformed = [...slabs.keys()];
  const pairTaps = pairs[0]?.taps.map((tap) => {
    const known = slabIndex(slabs, { first: tap, count: 1 });
    return known < 0 ? slabs.push({ first: tap, count: 1 }) - 1 : known;
  });
  if (pairTaps) {
    const outer = [pairTaps[0]!, pairTaps[2]!].filter((index) => !transformed.includes(index));
    transformed.push(...outer, slabs.length, slabs.length + 1);
  }
  return { slabs, pairTaps, transformed };
}

/** Frames of a tile in pairs, and the ranges of those that stay alone. */
function pairFrames(geometry: ConvolutionGeometry, { frame: begin, frames }: ConvolutionTile) {
  const paired = pairsFrames(geometry);
  const pairs: FramePair[] = [];
  const alone: [begin: number, end: number][] = [];
  for (let frame = begin; frame < begin + frames;) {
    const pair = paired && frame + 1 < begin + frames ? pairAt(geometry, frame) : undefined;
    if (pair && (pairs.length === 0 || pair.taps.join() === pairs[0]!.taps.join())) {
      pairs.push(pair);
      frame += 2;
      continue;
    }
    const last = alone.at(-1);
    if (last?.[1] === frame) last[1] += 1;
    else alone.push([frame, frame + 1]);
    frame += 1;
  }
  return { alone, pairs };
}

/** A frame and the next one, if both read three frames by the same taps, two of them in common. */
function pairAt(geometry: ConvolutionGeometry, frame: number): FramePair | undefined {
  const terms = frameTerms(geometry, frame);
  // A frame that reads one frame only is a single product by itself.
  if (terms.length < 2) return undefined;
  const [one, next] = [tapsOf(terms), tapsOf(frameTerms(geometry, frame + 1))];
  if (one.length !== 3 || next.length !== 3) return undefined;
  if (one.some(({ tap }, index) => tap !== next[index]!.tap)) return undefined;
  if (one[1]!.frame !== next[0]!.frame || one[2]!.frame !== next[1]!.frame) return undefined;
  return { frame, reads: [...one, next[2]!].map((read) => read.frame), taps: one.map(({ tap }) => tap) };
}

function tapsOf(terms: readonly FrameTerm[]): { frame: number; tap: number }[] {
  return terms.flatMap(({ frame, first, count }) =>
    Array.from({ length: count }, (_, index) => ({ frame, tap: first + index })),
  );
}

function slabsOf(terms: readonly FrameTerm[]): Slab[] {
  const slabs: Slab[] = [];
  for (const { first, count } of terms) {
    if (slabIndex(slabs, { first, count }) < 0) slabs.push({ first, count });
  }
  return slabs;
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
