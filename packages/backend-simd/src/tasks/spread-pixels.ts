import type { Workspace } from '../workspace.ts';
import type { Extent } from './convolution-geometry.ts';

/** Where the pixels of a phase belong in a clip. */
interface SpreadLayout {
  /** Frames of all clips. */
  readonly frames: number;
  /** Size of an image that is filled. */
  readonly input: Extent;
  /** Rows and columns from one pixel of the phase to the next, and the first of them. */
  readonly strides: Extent;
  readonly row: number;
  readonly column: number;
  readonly channels: number;
}

/** Inputs of {@link spreadPixels}: the pixels of a phase, and the images. */
export interface SpreadArguments {
  readonly layout: SpreadLayout;
  readonly x: Float32Array;
  readonly y: Float32Array;
}

/** Puts the pixels of a phase at every so many rows and columns of one frame. */
export function spreadPixels(_space: Workspace, { layout, x, y }: SpreadArguments, frame: number): void {
  const { input, strides, channels, row, column } = layout;
  const rows = Math.ceil((input.height - row) / strides.height);
  const columns = Math.ceil((input.width - column) / strides.width);
  let from = frame * rows * columns * channels;
  for (let line = row; line < input.height; line += strides.height) {
    for (let pixel = column; pixel < input.width; pixel += strides.width) {
      const to = ((frame * input.height + line) * input.width + pixel) * channels;
      for (let channel = 0; channel < channels; channel++) y[to + channel] = x[from++]!;
    }
  }
}
