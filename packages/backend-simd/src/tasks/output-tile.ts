import type { ConvolutionGeometry, ConvolutionTile } from './convolution-geometry.ts';

/** A computed tile in scratch. */
export interface OutputTile {
  /** Index of its first number. */
  readonly from: number;
  /** Rows and columns of pixels that it holds for each frame; the first of them are wanted. */
  readonly rows: number;
  readonly columns: number;
  /** Channels from pixel to pixel. */
  readonly stored: number;
}

/** Copies a computed tile from scratch into the output clip, without the channels that only fill a panel. */
export function writeTile(
  scratch: Float32Array,
  held: OutputTile,
  { geometry, y, blockColumns }: { geometry: ConvolutionGeometry; y: Float32Array; blockColumns: number },
  { batch, frame, frames, row, rows, column, columns, panel }: ConvolutionTile,
): void {
  const { output, outChannels } = geometry;
  const { stored } = held;
  const first = panel * blockColumns;
  const wanted = Math.min(stored, outChannels - first);
  for (let t = 0; t < frames; t++) {
    for (let line = 0; line < rows; line++) {
      const to =
        (((batch * output.time + frame + t) * output.height + row + line) * output.width + column) * outChannels;
      const from = held.from + (t * held.rows + line) * held.columns * stored;
      if (wanted === outChannels && wanted === stored) {
        y.set(scratch.subarray(from, from + columns * stored), to);
      } else {
        copyChannels(scratch, from, stored, y, to + first, outChannels, columns, wanted);
      }
    }
  }
}

function copyChannels(
  scratch: Float32Array,
  from: number,
  stored: number,
  y: Float32Array,
  to: number,
  outChannels: number,
  pixels: number,
  wanted: number,
): void {
  for (let pixel = 0; pixel < pixels; pixel++) {
    const source = from + pixel * stored;
    const target = to + pixel * outChannels;
    for (let channel = 0; channel < wanted; channel++) y[target + channel] = scratch[source + channel]!;
  }
}
