import type { Workspace } from '../workspace.ts';

/** A clip `[batch, pixels, channels]` and how it is cut into jobs. */
export interface NormalizationLayout {
  readonly batch: number;
  readonly pixels: number;
  readonly channels: number;
  readonly groups: number;
  /** Pixels of one job; the same for any number of threads, so that sums are too. */
  readonly chunk: number;
  readonly chunks: number;
}

/** Floats of one job: a tile that stays in the second-level cache. */
const CHUNK_FLOATS = 2 ** 16;

/** Cuts a clip into jobs. */
export function normalizationLayout(
  batch: number,
  pixels: number,
  channels: number,
  groups: number,
): NormalizationLayout {
  const period = pixelsPerRow(channels);
  const chunk = Math.max(1, Math.floor(CHUNK_FLOATS / channels / period)) * period;
  return { batch, pixels, channels, groups, chunk, chunks: Math.ceil(pixels / chunk) };
}

/** Inputs of {@link groupMoments}. */
export interface MomentsArguments {
  readonly layout: NormalizationLayout;
  readonly x: Float32Array;
  /** `[batch, chunks, groups, 2]`: sums and sums of squares. */
  readonly sums: Float64Array;
}

/** Sums and sums of squares of each group over one chunk of a clip. */
export function groupMoments(space: Workspace, { layout, x, sums }: MomentsArguments, job: number): void {
  const table = readChunk(space, layout, x, job);
  const totals = space.take(table.columns * 4);
  space.run.moments(table.data, table.rows, table.columns / 4, totals);
  const values = new Float64Array(space.floats.buffer, totals, table.columns * 2);
  const perGroup = layout.channels / layout.groups;
  const to = job * layout.groups * 2;
  for (let column = 0; column < table.columns; column++) {
    const group = Math.floor((column % layout.channels) / perGroup);
    const at = Math.floor(column / 4) * 8 + (column % 4);
    sums[to + group * 2]! += values[at]!;
    sums[to + group * 2 + 1]! += values[at + 4]!;
  }
}

/** Inputs of {@link scaleChannels}. */
export interface ScaleArguments {
  readonly layout: NormalizationLayout;
  readonly activation: 'none' | 'silu';
  readonly x: Float32Array;
  /** `[batch, channels]`, as are the shifts. */
  readonly gains: Float32Array;
  readonly shifts: Float32Array;
  readonly y: Float32Array;
}

/** `x * gain + shift`, and the activation, over one chunk of a clip. */
export function scaleChannels(space: Workspace, call: ScaleArguments, job: number): void {
  const { layout, x, y } = call;
  const table = readChunk(space, layout, x, job);
  const gains = space.take(table.columns);
  const shifts = space.take(table.columns);
  const from = Math.floor(job / layout.chunks) * layout.channels;
  for (let column = 0; column < table.columns; column++) {
    space.floats[gains / 4 + column] = call.gains[from + (column % layout.channels)]!;
    space.floats[shifts / 4 + column] = call.shifts[from + (column % layout.channels)]!;
  }
  const run = call.activation === 'silu' ? space.run.scaleSilu : space.run.scale;
  run(table.data, table.rows, table.columns / 4, gains, shifts);
  y.set(space.floats.subarray(table.data / 4, table.data / 4 + table.length), table.begin);
}

/** Copies a chunk into scratch as a table whose rows are whole pixels and whole pairs of vectors; the last row ends with zeros. */
export function readChunk(space: Workspace, layout: NormalizationLayout, x: Float32Array, job: number) {
  const { channels, pixels, chunk, chunks } = layout;
  const columns = channels * pixelsPerRow(channels);
  const first = (job % chunks) * chunk;
  const length = Math.min(chunk, pixels - first) * channels;
  const begin = (Math.floor(job / chunks) * pixels + first) * channels;
  const rows = Math.ceil(length / columns);
  const data = space.take(rows * columns);
  space.floats.set(x.subarray(begin, begin + length), data / 4);
  space.floats.fill(0, data / 4 + length, data / 4 + rows * columns);
  return { data, rows, columns, begin, length };
}

/** Pixels whose channels together fill two vectors, which the kernels take at once. */
function pixelsPerRow(channels: number): number {
  let pixels = 1;
  while ((pixels * channels) % 8 !== 0) pixels *= 2;
  return pixels;
}
