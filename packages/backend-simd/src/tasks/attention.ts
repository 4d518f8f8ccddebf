import type { Workspace } from '../workspace.ts';
import { panelCount } from './convolution-geometry.ts';

/** Sizes of attention over `[sequences, tokens, channels]` and how it is cut into jobs. */
export interface AttentionLayout {
  readonly sequences: number;
  readonly tokens: number;
  readonly channels: number;
  /** Queries of one job. */
  readonly queries: number;
  /** Jobs of one sequence. */
  readonly parts: number;
}

/** Scores that one job holds. */
const SCORES = 2 ** 19;
/** Keys whose weights are packed at once. */
const KEYS = 256;

/** Cuts attention into jobs; the same for any number of threads. */
export function attentionLayout(sequences: number, tokens: number, channels: number): AttentionLayout {
  const queries = Math.min(tokens, Math.max(8, Math.min(128, Math.floor(SCORES / tokens))));
  return { sequences, tokens, channels, queries, parts: Math.ceil(tokens / queries) };
}

/** Inputs of {@link attention}; each array is `[sequences, tokens, channels]`. */
export interface AttentionArguments {
  readonly layout: AttentionLayout;
  readonly query: Float32Array;
  readonly key: Float32Array;
  readonly value: Float32Array;
  readonly y: Float32Array;
}

interface Tile {
  /** Where the sequence begins in the tensors. */
  readonly begin: number;
  readonly first: number;
  readonly queries: number;
  readonly blocks: number;
  /** Floats from one row of scores to the next: tokens, filled up to whole panels. */
  readonly width: number;
}

/** `softmax(query key^T / sqrt(channels)) value` for some queries of one sequence; holds their scores and no more. */
export function attention(space: Workspace, call: AttentionArguments, job: number): void {
  const { layout, query, y } = call;
  const { tokens, channels, parts } = layout;
  const first = (job % parts) * layout.queries;
  const queries = Math.min(layout.queries, tokens - first);
  const tile: Tile = {
    begin: Math.floor(job / parts) * tokens * channels,
    first,
    queries,
    blocks: Math.ceil(queries / space.block.rows),
    width: panelCount(tokens, space.block.columns) * space.block.columns,
  };
  const rows = tile.blocks * space.block.rows;
  const scratch = {
    table: space.take(rows),
    zeros: space.take(space.block.columns),
    queries: space.take(rows * channels),
    scores: space.take(rows * tile.width),
    panel: space.take(Math.max(channels, KEYS) * space.block.columns),
    output: space.take(rows * panelCount(channels, space.block.columns) * space.block.columns),
  };
  space.floats.fill(0, scratch.zeros / 4, scratch.zeros / 4 + space.block.columns);
  space.floats.fill(0, scratch.queries / 4, scratch.queries / 4 + rows * channels);
  for (let row = 0; row < queries; row++) {
    const from = tile.begin + (first + row) * channels;
    const to = scratch.queries / 4 + row * channels;
    for (let c = 0; c < channels; c++) space.floats[to + c] = query[from + c]! / Math.sqrt(channels);
  }
  score(space, call, tile, scratch);
  const sums = normalizeScores(space, call, tile, scratch);
  mix(space, call, tile, scratch);
  const stored = panelCount(channels, space.block.columns) * space.block.columns;
  for (let row = 0; row < queries; row++) {
    const to = tile.begin + (first + row) * channels;
    const from = scratch.output / 4 + row * stored;
    for (let c = 0; c < channels; c++) y[to + c] = space.floats[from + c]! / sums[row]!;
  }
}

interface Scratch {
  readonly table: number;
  readonly zeros: number;
  readonly queries: number;
  readonly scores: number;
  readonly panel: number;
  readonly output: number;
}

/** Scores of all keys, panel by panel of eight keys. */
function score(space: Workspace, { layout, key }: AttentionArguments, tile: Tile, scratch: Scratch): void {
  const { tokens, channels } = layout;
  fillTable(space, scratch.table, tile.blocks, scratch.queries, channels * 4);
  const panel = space.floats.subarray(scratch.panel / 4, scratch.panel / 4 + channels * space.block.columns);
  for (let begin = 0; begin < tokens; begin += space.block.columns) {
    panel.fill(0);
    for (let column = 0; column < Math.min(space.block.columns, tokens - begin); column++) {
      const from = tile.begin + (begin + column) * channels;
      for (let c = 0; c < channels; c++) panel[c * space.block.columns + column] = key[from + c]!;
    }
    const scores = scratch.scores + begin * 4;
    const { table, panel: keys, zeros } = scratch;
    space.run.gemm(table, 0, tile.blocks, 1, channels, keys, zeros, 0, scores, tile.width * 4);
  }
}

/** Turns scores into `e^(score - largest)`; gives each row's sum, by which the output is divided at the end. */
function normalizeScores(space: Workspace, { layout }: AttentionArguments, tile: Tile, scratch: Scratch): number[] {
  const sums: number[] = [];
  const vectors = tile.width / 4;
  const four = (at: number) => [...space.floats.subarray(at / 4, at / 4 + 4)];
  for (let row = 0; row < tile.queries; row++) {
    const data = scratch.scores + row * tile.width * 4;
    space.floats.fill(-Infinity, data / 4 + layout.tokens, data / 4 + tile.width);
    space.run.largest(data, vectors, scratch.panel);
    space.run.exponentials(data, vectors, Math.max(...four(scratch.panel)), scratch.panel);
    sums.push(four(scratch.panel).reduce((sum, part) => sum + part, 0));
    space.floats.fill(0, data / 4 + layout.tokens, data / 4 + tile.width);
  }
  return sums;
}

/** Values mixed by the scores, some keys at a time. */
function mix(space: Workspace, { layout, value }: AttentionArguments, tile: Tile, scratch: Scratch): void {
  const { tokens, channels } = layout;
  const step = panelCount(channels, space.block.columns) * space.block.columns * 4;
  const panel = space.floats.subarray(scratch.panel / 4, scratch.panel / 4 + KEYS * space.block.columns);
  for (let begin = 0; begin < tokens; begin += KEYS) {
    const keys = Math.min(KEYS, tokens - begin);
    fillTable(space, scratch.table, tile.blocks, scratch.scores + begin * 4, tile.width * 4);
    for (let channel = 0; channel < channels; channel += space.block.columns) {
      panel.fill(0);
      const columns = Math.min(space.block.columns, channels - channel);
      for (let k = 0; k < keys; k++) {
        const from = tile.begin + (begin + k) * channels + channel;
        for (let column = 0; column < columns; column++)
          panel[k * space.block.columns + column] = value[from + column]!;
      }
      const sums = scratch.output + channel * 4;
      const start = begin === 0 ? ([scratch.zeros, 0] as const) : ([sums, step] as const);
      space.run.gemm(scratch.table, 0, tile.blocks, 1, keys, scratch.panel, ...start, sums, step);
    }
  }
}

function fillTable(space: Workspace, table: number, blocks: number, data: number, step: number): void {
  for (let row = 0; row < blocks * space.block.rows; row++) space.integers[table / 4 + row] = data + row * step;
}
