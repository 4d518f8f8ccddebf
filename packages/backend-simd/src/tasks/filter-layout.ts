import { OUTER_ROWS } from '../code/outer-product.ts';
import { F4 } from '../code/winograd.ts';
import { type ConvolutionGeometry, evenPart } from './convolution-geometry.ts';
import { imageParts, type Place } from './convolution-tiles.ts';
import { frameTerms, type Slab } from './frame-terms.ts';

/** How the gradient of a kernel is cut into jobs: the same for any number of threads, so that sums are too. */
export interface FilterLayout {
  /** Tiles of the output, those of one segment after one another. */
  readonly tiles: readonly Place[];
  /** Sums over all tiles of one segment are held by themselves, and added at the end. */
  readonly segments: number;
  /** Input channels of one job, a multiple of 4, and how many such parts there are. */
  readonly together: number;
  readonly parts: number;
  /** Taps that read one frame together; each has one sum. */
  readonly slabs: readonly Slab[];
}

/** Output pixels of one tile and frame: one panel of their gradient stays in the first cache. */
const TILE_PIXELS = 256;
/** Frames of one tile. */
const FRAMES = 9;
/** Numbers of input that one tile holds at most. */
const TILE_FLOATS = 2 ** 19;
/** Sums that one job holds in scratch; more where each part of the channels would enlarge its input anew. */
const JOB_SUMS = 2 ** 18;
const ENLARGED_JOB_SUMS = 2 ** 20;
/** Patches of one tile, counted over its frames. */
const TILE_PATCHES = 128;
/** Transformed sums that one job holds. */
const TRANSFORMED_SUMS = 2 ** 20;
/** Jobs where each holds that many. */
const TRANSFORMED_JOBS = 8;
/** Sums of all segments. */
const ALL_SUMS = 2 ** 22;
/** Jobs that keep several threads busy to the end. */
const JOBS = 16;

/** Cuts the gradient of a convolution's kernel into jobs. */
export function filterLayout(geometry: ConvolutionGeometry): FilterLayout {
  const sums = geometry.enlargement ? ENLARGED_JOB_SUMS : JOB_SUMS;
  const products = geometry.kernel.height * geometry.kernel.width;
  return cut(geometry, tilesOf(geometry), { sums, products, channels: OUTER_ROWS, jobs: JOBS });
}

/** The same where the products are transformed: whole patches, and sums that are larger than their result. */
export function winogradFilterLayout(geometry: ConvolutionGeometry): FilterLayout {
  const { output } = geometry;
  const { outputs, products } = F4;
  const frames = evenPart(output.time, FRAMES);
  const width = Math.ceil(output.width / outputs);
  const patches = Math.ceil(TILE_PATCHES / frames);
  const columns = evenPart(width, Math.ceil(Math.sqrt(patches)));
  const rows = evenPart(Math.ceil(output.height / outputs), Math.floor(patches / columns));
  const tiles = placesOf(geometry, { frames, rows: rows * outputs, columns: columns * outputs });
  return cut(geometry, tiles, { sums: TRANSFORMED_SUMS, products, channels: 2 * OUTER_ROWS, jobs: TRANSFORMED_JOBS });
}

interface Limits {
  /** Sums that one job holds, and how many there are for each pair of channels. */
  readonly sums: number;
  readonly products: number;
  /** What the input channels of a job are a multiple of. */
  readonly channels: number;
  readonly jobs: number;
}

function cut(geometry: ConvolutionGeometry, tiles: readonly Place[], limits: Limits): FilterLayout {
  const { kernel, channels, outChannels } = geometry;
  const slabs = slabsOf(geometry);
  const slabCount = Math.max(1, slabs.length);
  const most = Math.max(limits.channels, Math.floor(limits.sums / (limits.products * slabCount * outChannels)));
  const together = Math.ceil(evenPart(channels, most) / limits.channels) * limits.channels;
  const parts = Math.ceil(channels / together);
  const all = slabCount * kernel.height * kernel.width * channels * outChannels;
  const room = Math.max(1, Math.floor(ALL_SUMS / all));
  const segments = Math.min(tiles.length, Math.ceil(limits.jobs / parts), room);
  return { tiles, segments, together, parts, slabs };
}

function slabsOf(geometry: ConvolutionGeometry): Slab[] {
  const slabs = new Map<string, Slab>();
  for (let frame = 0; frame < geometry.output.time; frame++) {
    for (const { first, count } of frameTerms(geometry, frame)) slabs.set(`${first},${count}`, { first, count });
  }
  return [...slabs.values()];
}

function tilesOf(geometry: ConvolutionGeometry): Place[] {
  const { output, strides, channels } = geometry;
  const pixels = Math.max(1, Math.min(TILE_PIXELS, TILE_FLOATS / (strides.height * strides.width * channels)));
  const columns = evenPart(output.width, Math.ceil(Math.sqrt(pixels)) * 2);
  const rows = evenPart(output.height, Math.floor(pixels / columns));
  const held = rows * strides.height * columns * strides.width * channels;
  const frames = evenPart(output.time, Math.min(FRAMES, Math.floor(TILE_FLOATS / held / strides.time)));
  return placesOf(geometry, { frames, rows, columns });
}

function placesOf(
  geometry: ConvolutionGeometry,
  { frames, rows, columns }: { frames: number; rows: number; columns: number },
): Place[] {
  const { output, batch } = geometry;
  const tiles: Place[] = [];
  for (let image = 0; image < batch; image++) {
    for (let frame = 0; frame < output.time; frame += frames) {
      const count = Math.min(frames, output.time - frame);
      for (const part of imageParts(geometry, rows, columns))
        tiles.push({ batch: image, frame, frames: count, ...part });
    }
  }
  return tiles;
}
