import { OUTER_ROWS } from '../code/outer-product.ts';
import type { Workspace } from '../workspace.ts';
import type { AttentionLayout } from './attention.ts';
import { panelCount } from './convolution-geometry.ts';
import {
  multiplyRows,
  type ProductScratch,
  readMatrix,
  type ScratchMatrix,
  takeProductScratch,
} from './matrix-product.ts';

/** Floats between rows of scores, so that their columns do not all fall into one set of the cache. */
const GAP = 48;

/** Inputs of {@link attentionGradient}; each array is `[sequences, tokens, channels]` but where it says so. */
export interface AttentionGradientArguments {
  readonly layout: AttentionLayout;
  /** Jobs of one sequence; each takes some of its queries. */
  readonly shares: number;
  readonly query: Float32Array;
  readonly key: Float32Array;
  readonly value: Float32Array;
  readonly dy: Float32Array;
  readonly dQuery: Float32Array;
  /** `[shares, sequences, tokens, channels]`, as is that of values: what each share of the queries gives them. */
  readonly dKey: Float32Array;
  readonly dValue: Float32Array;
}

interface Scratch {
  readonly products: ProductScratch;
  readonly query: ScratchMatrix;
  readonly dy: ScratchMatrix;
  /** Probabilities, and the gradients of the scores. */
  readonly shares: ScratchMatrix;
  readonly slopes: ScratchMatrix;
  readonly output: ScratchMatrix;
  /** Gradients of all keys and values, which the query tiles add to. */
  readonly dKey: ScratchMatrix;
  readonly dValue: ScratchMatrix;
  /** One operand of an outer product, cut into panels. */
  readonly lines: number;
}

/**
 * Gradients of `softmax(query key^T / sqrt(channels)) value` from some queries of one sequence, tile by tile: scores are
 * computed anew, and no more of them are held than in the op itself.
 */
export function attentionGradient(space: Workspace, call: AttentionGradientArguments, job: number): void {
  const { layout, shares } = call;
  const { tokens, channels, parts, sequences } = layout;
  const [sequence, share] = [Math.floor(job / shares), job % shares];
  const scratch = takeScratch(space, layout);
  for (const { address, step } of [scratch.dKey, scratch.dValue]) {
    space.floats.fill(0, address / 4, (address + tokens * step) / 4);
  }
  const begin = sequence * tokens * channels;
  const last = Math.floor(((share + 1) * parts) / shares);
  for (let part = Math.floor((share * parts) / shares); part < last; part++) {
    const first = part * layout.queries;
    addQueries(space, call, { begin, first, queries: Math.min(layout.queries, tokens - first) }, scratch);
  }
  const to = (share * sequences + sequence) * tokens * channels;
  writeRows(space, scratch.dKey, call.dKey, to, tokens, channels);
  writeRows(space, scratch.dValue, call.dValue, to, tokens, channels);
}

function takeScratch(space: Workspace, { tokens, channels, queries }: AttentionLayout): Scratch {
  const { rows, columns } = space.block;
  const blocks = Math.ceil(queries / rows);
  const width = panelCount(channels, columns) * columns;
  const scores = panelCount(tokens, columns) * columns + GAP;
  const matrix = (height: number, length: number): ScratchMatrix => ({
    address: space.take(height * length + columns),
    step: length * 4,
  });
  const keys = Math.ceil(tokens / OUTER_ROWS) * OUTER_ROWS;
  return {
    query: matrix(blocks * rows, channels),
    dy: matrix(blocks * rows, channels),
    shares: matrix(blocks * rows, scores),
    slopes: matrix(blocks * rows, scores),
    output: matrix(blocks * rows, width),
    dKey: matrix(keys, width),
    dValue: matrix(keys, width),
    lines: space.take(queries * width),
    products: takeProductScratch(space, blocks),
  };
}

interface Tile {
  /** Where the sequence begins in the tensors. */
  readonly begin: number;
  readonly first: number;
  readonly queries: number;
}

function addQueries(space: Workspace, call: AttentionGradientArguments, tile: Tile, scratch: Scratch): void {
  const { tokens, channels } = call.layout;
  const { queries, begin } = tile;
  const factor = 1 / Math.sqrt(channels);
  const blocks = Math.ceil(queries / space.block.rows);
  const from = begin + tile.first * channels;
  const rows = (values: Float32Array) => ({ values, begin: from, rowStep: channels, columnStep: 1 });
  const all = (values: Float32Array) => ({ values, begin, rowStep: channels, columnStep: 1 });
  const turned = (values: Float32Array) => ({ values, begin, rowStep: 1, columnStep: channels });
  readMatrix(space, scratch.query, rows(call.query), { rows: queries, columns: channels, factor });
  readMatrix(space, scratch.dy, rows(call.dy), { rows: queries, columns: channels });

  const scores = { blocks, depth: channels, columns: tokens };
  const { products } = scratch;
  multiplyRows(space, { ...scores, left: scratch.query, right: turned(call.key), output: scratch.shares }, products);
  multiplyRows(space, { ...scores, left: scratch.dy, right: turned(call.value), output: scratch.slopes }, products);
  for (let row = 0; row < queries; row++) slopeOfRow(space, scratch, tokens, row);

  const mixed = { blocks, depth: tokens, columns: channels, left: scratch.slopes, output: scratch.output };
  multiplyRows(space, { ...mixed, right: all(call.key) }, products);
  const sums = scratch.output.address / 4;
  for (let row = 0; row < queries; row++) {
    const at = sums + (row * scratch.output.step) / 4;
    for (let channel = 0; channel < channels; channel++) space.floats[at + channel]! *= factor;
  }
  writeRows(space, scratch.output, call.dQuery, from, queries, channels);
  addTransposed(space, scratch.shares, scratch.dy, scratch.dValue, call.layout, queries, scratch.lines);
  addTransposed(space, scratch.slopes, scratch.query, scratch.dKey, call.layout, queries, scratch.lines);
}

/** Turns a row of scores into probabilities `p`, and that of their gradients `d` into `p * (d - sum of p d)`. */
function slopeOfRow(space: Workspace, { shares, slopes, output }: Scratch, tokens: number, row: number): void {
  const data = shares.address + row * shares.step;
  const { floats } = space;
  const vectors = Math.ceil(tokens / 4);
  const [p, d] = [data / 4, (slopes.address + row * slopes.step) / 4];
  const four = (at: number) => [...floats.subarray(at / 4, at / 4 + 4)];
  floats.fill(-Infinity, p + tokens, p + vectors * 4);
  space.run.largest(data, vectors, output.address);
  space.run.exponentials(data, vectors, Math.max(...four(output.address)), output.address);
  let sum = 0;
  let product = 0;
  for (let token = 0; token < tokens; token++) {
    sum += floats[p + token]!;
    product += floats[p + token]! * floats[d + token]!;
  }
  for (let token = 0; token < tokens; token++) {
    const share = floats[p + token]! / sum;
    floats[p + token] = share;
    floats[d + token] = share * (floats[d + token]! - product / sum);
  }
}

/** `output += left^T * right`, for some queries: rows of both. */
function addTransposed(
  space: Workspace,
  left: ScratchMatrix,
  right: ScratchMatrix,
  output: ScratchMatrix,
  { tokens, channels }: AttentionLayout,
  queries: number,
  lines: number,
): void {
  const vectors = space.block.columns / 4;
  for (let panel = 0; panel < panelCount(channels, space.block.columns); panel++) {
    const offset = panel * vectors * 16;
    space.run.regroup(right.address + offset, right.step, queries, vectors, lines);
    const blocks = Math.ceil(tokens / OUTER_ROWS);
    const next = OUTER_ROWS * output.step;
    const to = output.address + offset;
    space.run.outerProducts(left.address, 0, left.step, 16, lines, 1, queries, blocks, to, output.step, next);
  }
}

function writeRows(
  { floats }: Workspace,
  { address, step }: ScratchMatrix,
  target: Float32Array,
  to: number,
  rows: number,
  columns: number,
): void {
  for (let row = 0; row < rows; row++) {
    const from = (address + row * step) / 4;
    target.set(floats.subarray(from, from + columns), to + row * columns);
  }
}
