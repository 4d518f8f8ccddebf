import type { ConvolutionGeometry } from './convolution-geometry.ts';
import type { Workspace } from '../workspace.ts';
import { blendedFrames, enlargeLine, neighbours } from './enlarge.ts';
import type { ScaleArguments } from './normalization.ts';

/** A box of the convolved clip; rows and columns may lie outside it, where it is zero. */
export interface InputWindow {
  readonly frame: number;
  readonly frames: number;
  readonly row: number;
  readonly rows: number;
  readonly column: number;
  readonly columns: number;
  /** 1 where each stored pixel stands for two by two of the enlarged clip (nearest enlargement by addresses), else 0. */
  readonly shift: 0 | 1;
}

/** The clip that windows are read from. */
export interface WindowSource {
  readonly geometry: ConvolutionGeometry;
  readonly x: Float32Array;
  /** What is done to each pixel of the clip, its channels being whole pairs of vectors; a zero around the clip stays one. */
  readonly scale?: PixelScale | undefined;
}

/** A scale and a shift for each channel, then an activation. */
type PixelScale = Pick<ScaleArguments, 'activation' | 'gains' | 'shifts'> & {
  /** Frames, counted over all clips, that share their scales. */
  readonly frames: number;
};

/** Copies a window of one clip into scratch as `[frames, rows, columns, channels]`, enlarging or scaling as it goes. */
export function readWindow(
  space: Workspace,
  address: number,
  source: WindowSource,
  batch: number,
  window: InputWindow,
): void {
  const { geometry } = source;
  const { channels } = geometry;
  const scaled = source.scale && pixelScale(space, channels, source.scale);
  const scratch = space.floats;
  const to = address / 4;
  const height = geometry.input.height >> window.shift;
  const width = geometry.input.width >> window.shift;
  const column = Math.max(0, window.column);
  const columns = Math.min(width, window.column + window.columns) - column;
  const before = (column - window.column) * channels;
  const line = window.columns * channels;
  for (let t = 0; t < window.frames; t++) {
    scaled?.take(batch * geometry.source.time + window.frame + t);
    for (let y = 0; y < window.rows; y++) {
      const row = window.row + y;
      const target = to + (t * window.rows + y) * line;
      const inside = row >= 0 && row < height && columns > 0;
      const filled = inside ? before + columns * channels : 0;
      if (inside) {
        const place = { batch, frame: window.frame + t, row, column, columns };
        if (geometry.enlargement) readEnlarged(scratch, target + before, source, place, window.shift === 0);
        else readStored(scratch, target + before, source, place);
        scaled?.apply((target + before) * 4, columns);
        scratch.fill(0, target, target + before);
      }
      scratch.fill(0, target + filled, target + line);
    }
  }
}

/** Holds the scales of one frame in scratch and applies them to pixels there. */
function pixelScale(space: Workspace, channels: number, { activation, gains, shifts, frames }: PixelScale) {
  const [gain, shift] = [space.take(channels), space.take(channels)];
  const run = activation === 'silu' ? space.run.scaleSilu : space.run.scale;
  return {
    take(frame: number) {
      const from = Math.floor(frame / frames) * channels;
      space.floats.set(gains.subarray(from, from + channels), gain / 4);
      space.floats.set(shifts.subarray(from, from + channels), shift / 4);
    },
    apply: (address: number, pixels: number) => run(address, pixels, channels / 4, gain, shift),
  };
}

interface Line {
  readonly batch: number;
  readonly frame: number;
  readonly row: number;
  readonly column: number;
  readonly columns: number;
}

function readStored(
  scratch: Float32Array,
  to: number,
  { geometry, x }: WindowSource,
  { batch, frame, row, column, columns }: Line,
): void {
  const { source, channels } = geometry;
  const from = (((batch * source.time + frame) * source.height + row) * source.width + column) * channels;
  scratch.set(x.subarray(from, from + columns * channels), to);
}

/** A line of the enlarged clip; not `byPixels`, a line of the source whose pixels addresses will repeat. */
function readEnlarged(
  scratch: Float32Array,
  to: number,
  { geometry, x }: WindowSource,
  { batch, frame, row, column, columns }: Line,
  byPixels: boolean,
): void {
  const { source, channels, enlargement } = geometry;
  const linear = enlargement!.mode === 'trilinear';
  const first = byPixels ? Math.max(0, (column - (linear ? 1 : 0)) >> 1) : column;
  const last = byPixels ? Math.min(source.width - 1, (column + columns - (linear ? 0 : 1)) >> 1) : column + columns - 1;
  const frames = enlargement!.time ? blendedFrames(frame, source.time) : [[frame, 1] as const];
  const rows = byPixels ? (linear ? neighbours(row, source.height) : [[row >> 1, 1] as const]) : [[row, 1] as const];
  const line = new Float32Array((last - first + 1) * channels);
  for (const [t, share] of frames) {
    for (const [y, part] of rows) {
      const from = (((batch * source.time + t) * source.height + y) * source.width + first) * channels;
      const weight = share * part;
      for (let i = 0; i < line.length; i++) line[i]! += weight * x[from + i]!;
    }
  }
  if (!byPixels) scratch.set(line, to);
  else if (linear) enlargeLine(scratch, to, line, { first, column, columns, channels, width: source.width });
  else repeatPixels(scratch, to, line, { first, column, columns, channels });
}

/** Each pixel of a line twice. */
function repeatPixels(
  scratch: Float32Array,
  to: number,
  line: Float32Array,
  { first, column, columns, channels }: { first: number; column: number; columns: number; channels: number },
): void {
  for (let pixel = 0; pixel < columns; pixel++) {
    const from = (((column + pixel) >> 1) - first) * channels;
    scratch.set(line.subarray(from, from + channels), to + pixel * channels);
  }
}
