/** How the clip is enlarged before it is convolved: never at all, while a tile is read, or by addresses alone. */
export type Enlargement = { readonly time: boolean; readonly mode: 'trilinear' | 'nearest' };

/** All sizes of one causal convolution. */
export interface ConvolutionGeometry {
  readonly batch: number;
  readonly channels: number;
  readonly outChannels: number;
  /** The clip as stored. */
  readonly source: Extent;
  /** The clip as convolved: the source, or the source enlarged. */
  readonly input: Extent;
  readonly output: Extent;
  readonly kernel: Extent;
  readonly strides: Extent;
  /** Zero rows above and zero columns left of an image. */
  readonly top: number;
  readonly left: number;
  readonly enlargement: Enlargement | undefined;
}

/** Sizes in time and space. */
export interface Extent {
  readonly time: number;
  readonly height: number;
  readonly width: number;
}

/** Part of the output that one job computes. */
export interface ConvolutionTile {
  readonly batch: number;
  readonly frame: number;
  readonly frames: number;
  readonly row: number;
  readonly rows: number;
  readonly column: number;
  readonly columns: number;
  /** Panels of output channels, each as wide as a block of the microkernel. */
  readonly panel: number;
  readonly panels: number;
}

/** Number of weight panels that hold the output channels. */
export function panelCount(outChannels: number, columns: number): number {
  return Math.ceil(outChannels / columns);
}

/** The largest part, at most `most`, that cuts a length into parts of nearly one size. */
export function evenPart(length: number, most: number): number {
  return Math.ceil(length / Math.ceil(length / Math.max(1, most)));
}
