import { BLOCK_COLUMNS } from '../code/gemm.ts';

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

/** Number of weight panels that hold the output channels. */
export function panelCount(outChannels: number): number {
  return Math.ceil(outChannels / BLOCK_COLUMNS);
}

/** Temporal taps of an output frame that all read the first frame of the clip; at least 1. Their weights are summed. */
export function mergedTaps({ kernel, strides }: ConvolutionGeometry, frame: number): number {
  return Math.min(kernel.time, Math.max(1, kernel.time - frame * strides.time));
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
  readonly panel: number;
  readonly panels: number;
}

/** Output pixels of one tile: enough that its weights are read seldom, few enough that it stays in the cache. */
const TILE_PIXELS = 1024;
/** Bytes of input of one tile. */
const TILE_BYTES = 2 ** 21;
/** Jobs that make all threads finish at about the same time, at up to 8 threads. */
const MINIMUM_JOBS = 32;

/** Cuts the output into tiles; the same for any number of threads. */
export function convolutionTiles(geometry: ConvolutionGeometry): ConvolutionTile[] {
  const { output, batch, outChannels, channels } = geometry;
  const pixels = Math.min(TILE_PIXELS, Math.max(16, TILE_BYTES / (4 * channels)));
  const columns = evenPart(output.width, Math.max(8, Math.floor(Math.sqrt(pixels)) * 2));
  const rows = evenPart(output.height, Math.max(1, Math.floor(pixels / columns)));
  const frames = Math.max(1, Math.floor(pixels / (columns * rows)));
  const places: Omit<ConvolutionTile, 'panel' | 'panels'>[] = [];
  for (let image = 0; image < batch; image++) {
    for (const [frame, count] of frameRuns(geometry, frames)) {
      for (let row = 0; row < output.height; row += rows) {
        for (let column = 0; column < output.width; column += columns) {
          places.push({
            batch: image,
            frame,
            frames: count,
            row,
            column,
            rows: Math.min(rows, output.height - row),
            columns: Math.min(columns, output.width - column),
          });
        }
      }
    }
  }
  const all = panelCount(outChannels);
  const panels = evenPart(all, Math.max(1, Math.ceil((all * places.length) / MINIMUM_JOBS)));
  return places.flatMap((place) =>
    Array.from({ length: Math.ceil(all / panels) }, (_, index) => ({
      ...place,
      panel: index * panels,
      panels: Math.min(panels, all - index * panels),
    })),
  );
}

/** The largest part, at most `most`, that cuts a length into parts of nearly one size. */
function evenPart(length: number, most: number): number {
  return Math.ceil(length / Math.ceil(length / most));
}

/** Runs of output frames, at most `most` long, in which all frames merge the same number of taps. */
function frameRuns(geometry: ConvolutionGeometry, most: number): [begin: number, count: number][] {
  const runs: [number, number][] = [];
  for (let frame = 0; frame < geometry.output.time; frame++) {
    const last = runs.at(-1);
    const together = last && last[1] < most && mergedTaps(geometry, last[0]) === mergedTaps(geometry, frame);
    if (together) last[1] += 1;
    else runs.push([frame, 1]);
  }
  return runs;
}
