import type { GpuProgram } from '../gpu-program.ts';
import { type PixelSource, SOURCE_SIZES } from './convolution.ts';
import { texel } from './pixel-source.ts';
import { clipType, storedFour } from './vector-type.ts';

/**
 * Winograd's F(4x4, 3x3): sixteen results of a 3x3 convolution from 36 products instead of 144 (A. Lavin and S. Gray, "Fast
 * Algorithms for Convolutional Neural Networks", 2015, section 4.3). An image falls into tiles of 4x4 results, each of which
 * reads 6x6 values.
 */
export const WINOGRAD = { outputs: 4, inputs: 6, products: 36 } as const;

/** Values, or columns of values, that a workgroup transforms. */
export const TRANSFORMED_TOGETHER = 64;

type Matrix = readonly (readonly number[])[];

/** What is done to the columns and then to the rows of 6x6 values. */
const INPUT: Matrix = [
  [4, 0, -5, 0, 1, 0],
  [0, -4, -4, 1, 1, 0],
  [0, 4, -4, -1, 1, 0],
  [0, -2, -1, 2, 1, 0],
  [0, 2, -1, -2, 1, 0],
  [0, 4, 0, -5, 0, 1],
];

/** The same of the 3x3 weights. */
const WEIGHTS: Matrix = [
  [1 / 4, 0, 0],
  [-1 / 6, -1 / 6, -1 / 6],
  [-1 / 6, 1 / 6, -1 / 6],
  [1 / 24, 1 / 12, 1 / 6],
  [1 / 24, -1 / 12, 1 / 6],
  [0, 0, 1],
];

/** The same of the 6x6 products. */
const OUTPUT: Matrix = [
  [1, 1, 1, 1, 1, 0],
  [0, 1, -1, 2, -2, 0],
  [0, 1, 1, 4, 4, 0],
  [0, 1, -1, 8, -8, 1],
];

/** Sizes that say where tiles lie: some frames of each clip, and how many values there are of each product. */
const TILE_SIZES = ['firstFrame', 'frames', 'tilesHigh', 'tilesWide', 'total'] as const;

/** `tileOf(index)`: the frame, of all frames of the result, and the first row and column of a tile. */
const TILE = `struct Tile { frame: i32, row: i32, column: i32 }
fn tileOf(index: i32) -> Tile {
  let line = index / sizes.tilesWide;
  let image = line / sizes.tilesHigh;
  return Tile(
    (image / sizes.frames) * sizes.outTime + sizes.firstFrame + image % sizes.frames,
    4 * (line % sizes.tilesHigh),
    4 * (index % sizes.tilesWide),
  );
}`;

/** Weights `[taps in time, 3, 3, in, out]` as `[products, taps in time, in, out]`. */
export const winogradWeightsProgram: GpuProgram = {
  name: 'winogradWeights',
  variant: '',
  reads: [{ name: 'weight', type: 'vec4<f32>' }],
  writes: [{ name: 'transformed', type: 'vec4<f32>' }],
  /** Of a tap: fours of its weights; and of all taps in time together. */
  sizes: ['ofTap', 'total'],
  threads: TRANSFORMED_TOGETHER,
  code: () => `${transform('transformed3', WEIGHTS)}
fn run(group: i32, layer: i32, thread: i32) {
  let at = group * ${TRANSFORMED_TOGETHER} + thread;
  if (at >= sizes.total) { return; }
  let first = (at / sizes.ofTap) * 9 * sizes.ofTap + at % sizes.ofTap;
  ${twice('transformed3', WEIGHTS, (row, column) => `weight[first + (3 * ${row} + ${column}) * sizes.ofTap]`)}
  for (var product = 0; product < 36; product++) { transformed[product * sizes.total + at] = result[product]; }
}`,
};

/**
 * What a convolution reads, each frame by itself: `[products, clips, frames, tiles, channels]` of some frames of each clip.
 *
 * @param source one whose `valueAt` takes any row and column of a tap, with as many frames as the result
 */
export function winogradInputProgram(source: PixelSource): GpuProgram {
  return {
    name: 'winogradInput',
    variant: source.variant,
    reads: source.reads,
    writes: [{ name: 'transformed', type: 'vec4<f32>' }],
    sizes: [...SOURCE_SIZES, ...source.sizes, ...TILE_SIZES],
    threads: TRANSFORMED_TOGETHER,
    code: () => `${source.code}
${transform('transformed6', INPUT)}
${TILE}
fn run(group: i32, layer: i32, thread: i32) {
  let at = group * ${TRANSFORMED_TOGETHER} + thread;
  if (at >= sizes.total) { return; }
  let slot = at % sizes.slots;
  let tile = tileOf(at / sizes.slots);
  let place = placeOf((tile.frame * sizes.outHeight + tile.row) * sizes.outWidth + tile.column);
  let now = sizes.taps / 9 - 1;
  ${twice('transformed6', INPUT, (row, column) => `valueAt(place, vec3<i32>(now, ${row}, ${column}), slot)`)}
  for (var product = 0; product < 36; product++) { transformed[product * sizes.total + at] = result[product]; }
}`,
  };
}

/** Transformed frames as a convolution over time alone reads them: its pixels are tiles. */
export const transformedSource: PixelSource = {
  variant: 'transformed',
  reads: [{ name: 'x', type: 'vec4<f32>' }],
  sizes: ['time', 'outTime', 'tiles', 'lead'],
  code: `${texel('x', true)}
struct Place { inside: bool, first: i32, frame: i32, tile: i32 }
fn placeOf(pixel: i32) -> Place {
  let image = pixel / sizes.tiles;
  let clip = image / sizes.outTime;
  let frame = image - clip * sizes.outTime - (sizes.taps - 1) + sizes.lead;
  return Place(pixel < sizes.pixels, clip * sizes.time, frame, pixel - image * sizes.tiles);
}
fn valueAt(place: Place, tap: vec3<i32>, slot: i32) -> vec4<f32> {
  if (!place.inside || tap.x >= sizes.taps) { return vec4<f32>(); }
  return texel((place.first + max(0, place.frame + tap.x)) * sizes.tiles + place.tile, slot);
}`,
};

/** Products `[products, clips, frames, tiles, out]` as some frames of the result. */
export function winogradOutputProgram(bias: boolean, half: boolean): GpuProgram {
  const value = storedFour(`result[4 * row + column]${bias ? ' + bias[slot]' : ''}`, half);
  return {
    name: 'winogradOutput',
    variant: String(bias),
    reads: ['products', ...(bias ? ['bias'] : [])].map((name) => ({ name, type: 'vec4<f32>' })),
    writes: [{ name: 'y', type: clipType(true, half) }],
    sizes: ['columns', 'outTime', 'outHeight', 'outWidth', ...TILE_SIZES],
    threads: TRANSFORMED_TOGETHER,
    code: () => `${transform('transformed6', OUTPUT)}
${TILE}
fn run(group: i32, layer: i32, thread: i32) {
  let at = group * ${TRANSFORMED_TOGETHER} + thread;
  if (at >= sizes.total) { return; }
  let slot = at % sizes.columns;
  let tile = tileOf(at / sizes.columns);
  ${twice('transformed6', OUTPUT, (row, column) => `products[(6 * ${row} + ${column}) * sizes.total + at]`)}
  for (var row = 0; row < min(4, sizes.outHeight - tile.row); row++) {
    for (var column = 0; column < min(4, sizes.outWidth - tile.column); column++) {
      let pixel = (tile.frame * sizes.outHeight + tile.row + row) * sizes.outWidth + tile.column + column;
      y[pixel * sizes.columns + slot] = ${value};
    }
  }
}`,
  };
}

/** `name(values)`: a matrix times a column of fours. */
function transform(name: string, matrix: Matrix): string {
  const [rows, columns] = [matrix.length, matrix[0]!.length];
  const sums = matrix.map((row) =>
    row.flatMap((factor, index) => (factor === 0 ? [] : [`${literal(factor)} * values[${index}]`])).join(' + '),
  );
  return `fn ${name}(values: array<vec4<f32>, ${columns}>) -> array<vec4<f32>, ${rows}> {
  return array<vec4<f32>, ${rows}>(${sums.join(', ')});
}`;
}

function literal(factor: number): string {
  return Number.isInteger(factor) ? factor.toFixed(1) : String(factor);
}

/** Fills `result` with what a transform makes of the columns of a square of values, and then of the rows of that. */
function twice(name: string, matrix: Matrix, value: (row: string, column: string) => string): string {
  const [to, from] = [matrix.length, matrix[0]!.length];
  return `var half: array<vec4<f32>, ${to * from}>;
  for (var column = 0; column < ${from}; column++) {
    var values: array<vec4<f32>, ${from}>;
    for (var row = 0; row < ${from}; row++) { values[row] = ${value('row', 'column')}; }
    let made = ${name}(values);
    for (var row = 0; row < ${to}; row++) { half[row * ${from} + column] = made[row]; }
  }
  var result: array<vec4<f32>, ${to * to}>;
  for (var row = 0; row < ${to}; row++) {
    var values: array<vec4<f32>, ${from}>;
    for (var column = 0; column < ${from}; column++) { values[column] = half[row * ${from} + column]; }
    let made = ${name}(values);
    for (var column = 0; column < ${to}; column++) { result[row * ${to} + column] = made[column]; }
  }`;
}
