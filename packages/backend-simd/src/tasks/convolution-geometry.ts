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
  /** How frames are read; causally unless given. */
  readonly frames?: FrameRule | undefined;
}

/** Which frames of the input an output frame reads, where that is not a plain causal convolution. */
export interface FrameRule {
  /** `backward` where the output is the gradient of a convolution's input, and the input that of its output. */
  readonly direction: 'forward' | 'backward';
  /** Of the convolution, which `strides.time` of a backward geometry is not. */
  readonly stride: number;
  /** Frames before the clip that the first output frame reads. */
  readonly before: number;
  /** What stands before the clip: its first frame, or zeros, as after it. */
  readonly edge: 'repeat' | 'zero';
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
