import type { ConvolutionArguments } from './convolution.ts';
import type { ConvolutionGeometry, ConvolutionTile } from './convolution-geometry.ts';
import { blendedFrames, enlargeLine, neighbours } from './enlarge.ts';

/** The part of a clip that a tile reads, without what lies outside the clip. */
export interface InputRegion {
  readonly frame: number;
  readonly frames: number;
  readonly row: number;
  readonly rows: number;
  readonly column: number;
  readonly columns: number;
  /** 1 where each stored pixel stands for two by two of the enlarged clip (nearest enlargement), else 0. */
  readonly shift: 0 | 1;
}

/** The frames, rows and columns of the convolved clip that a tile reads; rows and columns of the source if enlarged by addresses. */
export function inputRegion(geometry: ConvolutionGeometry, tile: ConvolutionTile): InputRegion {
  const { kernel, strides, input } = geometry;
  const shift = geometry.enlargement?.mode === 'nearest' ? 1 : 0;
  const frame = Math.max(0, tile.frame * strides.time - (kernel.time - 1));
  const lastFrame = (tile.frame + tile.frames - 1) * strides.time;
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

/** Copies a region into scratch as `[frames, rows, columns, channels]`, enlarging as it goes. */
export function readRegion(
  scratch: Float32Array,
  to: number,
  call: Pick<ConvolutionArguments, 'geometry' | 'x'>,
  batch: number,
  region: InputRegion,
): void {
  const { geometry } = call;
  const length = region.columns * geometry.channels;
  for (let t = 0; t < region.frames; t++) {
    for (let line = 0; line < region.rows; line++) {
      const target = to + (t * region.rows + line) * length;
      const place = { batch, frame: region.frame + t, row: region.row + line };
      if (geometry.enlargement) readEnlarged(scratch, target, call, place, region);
      else readStored(scratch, target, call, place, region);
    }
  }
}

interface Line {
  readonly batch: number;
  readonly frame: number;
  readonly row: number;
}

function readStored(
  scratch: Float32Array,
  to: number,
  { geometry, x }: Pick<ConvolutionArguments, 'geometry' | 'x'>,
  { batch, frame, row }: Line,
  { column, columns }: InputRegion,
): void {
  const { source, channels } = geometry;
  const from = (((batch * source.time + frame) * source.height + row) * source.width + column) * channels;
  scratch.set(x.subarray(from, from + columns * channels), to);
}

function readEnlarged(
  scratch: Float32Array,
  to: number,
  { geometry, x }: Pick<ConvolutionArguments, 'geometry' | 'x'>,
  { batch, frame, row }: Line,
  { column, columns, shift }: InputRegion,
): void {
  const { source, channels, enlargement } = geometry;
  const linear = shift === 0;
  const first = linear ? Math.max(0, (column - 1) >> 1) : column;
  const last = linear ? Math.min(source.width - 1, (column + columns) >> 1) : column + columns - 1;
  const frames = enlargement!.time ? blendedFrames(frame, source.time) : [[frame, 1] as const];
  const rows = linear ? neighbours(row, source.height) : [[row, 1] as const];
  const line = new Float32Array((last - first + 1) * channels);
  for (const [t, share] of frames) {
    for (const [y, part] of rows) {
      const from = (((batch * source.time + t) * source.height + y) * source.width + first) * channels;
      const weight = share * part;
      for (let i = 0; i < line.length; i++) line[i]! += weight * x[from + i]!;
    }
  }
  if (linear) enlargeLine(scratch, to, line, { first, column, columns, channels, width: source.width });
  else scratch.set(line, to);
}
