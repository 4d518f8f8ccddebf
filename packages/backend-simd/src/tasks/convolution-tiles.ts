import { type ConvolutionGeometry, type ConvolutionTile, evenPart, panelCount } from './convolution-geometry.ts';
import { frameRuns } from './frame-terms.ts';

/** Output pixels of one tile: enough that its weights are read seldom, few enough that it stays in the cache. */
const TILE_PIXELS = 1024;
/** Bytes of input of one tile. */
const TILE_BYTES = 2 ** 21;
/** Jobs that make all threads finish at about the same time. */
export const JOBS_PER_THREAD = 4;

/** What tiles depend on besides the convolution; results do not depend on it. */
export interface TileOptions {
  /** Columns of a block of the microkernel. */
  readonly blockColumns: number;
  /** Threads that share the tiles. */
  readonly threads: number;
}

/** A tile without its output channels. */
export type Place = Omit<ConvolutionTile, 'panel' | 'panels'>;

/**
 * Cuts the output of a direct convolution into tiles, without frames that read nothing. All frames of a tile are of one
 * run, and no result depends on the cut.
 */
export function convolutionTiles(
  geometry: ConvolutionGeometry,
  { blockColumns, threads }: TileOptions,
): ConvolutionTile[] {
  const { output, batch, channels } = geometry;
  const pixels = Math.min(TILE_PIXELS, Math.max(16, TILE_BYTES / (4 * channels)));
  const columns = evenPart(output.width, Math.max(8, Math.floor(Math.sqrt(pixels)) * 2));
  const rows = evenPart(output.height, Math.floor(pixels / columns));
  const frames = Math.max(1, Math.floor(pixels / (columns * rows)));
  const places: Place[] = [];
  for (let image = 0; image < batch; image++) {
    for (const run of frameRuns(geometry, 0, output.time)) {
      if (run.terms.length === 0) continue;
      for (let frame = run.frame; frame < run.frame + run.frames; frame += frames) {
        const count = Math.min(frames, run.frame + run.frames - frame);
        places.push(
          ...imageParts(geometry, rows, columns).map((part) => ({ batch: image, frame, frames: count, ...part })),
        );
      }
    }
  }
  return withPanels(places, panelCount(geometry.outChannels, blockColumns), threads);
}

/** Cuts an image of the output into parts of at most so many rows and columns. */
export function imageParts({ output }: ConvolutionGeometry, rows: number, columns: number) {
  const parts: Pick<Place, 'row' | 'rows' | 'column' | 'columns'>[] = [];
  for (let row = 0; row < output.height; row += rows) {
    for (let column = 0; column < output.width; column += columns) {
      parts.push({
        row,
        column,
        rows: Math.min(rows, output.height - row),
        columns: Math.min(columns, output.width - column),
      });
    }
  }
  return parts;
}

/** Gives each tile all output channels, or where tiles are few some of them, so that every thread has work. */
export function withPanels(places: readonly Place[], all: number, threads: number): ConvolutionTile[] {
  const panels = evenPart(all, Math.ceil((all * places.length) / (JOBS_PER_THREAD * threads)));
  return places.flatMap((place) =>
    Array.from({ length: Math.ceil(all / panels) }, (_, index) => ({
      ...place,
      panel: index * panels,
      panels: Math.min(panels, all - index * panels),
    })),
  );
}
