import type { GpuProgram } from '../gpu-program.ts';
import { type PixelSource, SOURCE_SIZES } from './convolution.ts';
import { repeat } from './repeat.ts';
import { vectorType } from './vector-type.ts';

const DOWN = 8;
const ACROSS = 8;
const THREADS = DOWN * ACROSS;
/** Slots of four input channels of a thread. */
const ROWS = 2;
/** Pixels that a workgroup keeps in its own memory at once. */
const PIXELS = 16;

/** Rows of a workgroup's block, each a slot of four input channels seen through a tap, and its columns, output channels. */
export const FILTER_BLOCK = { rows: DOWN * ROWS, columns: 4 * ACROSS };

/**
 * The gradient of a convolution's kernel as one product of matrices that are never made: rows are taps and input channels,
 * columns output channels, and the sum runs over pixels, in parts that are added up later.
 */
export function filterGradientProgram(source: PixelSource, fullColumns: boolean): GpuProgram {
  const columns = vectorType(fullColumns);
  return {
    name: 'filterGradient',
    variant: `${source.variant} ${columns}`,
    reads: [...source.reads, { name: 'dy', type: columns }],
    writes: [{ name: 'dw', type: columns }],
    sizes: [...SOURCE_SIZES, ...source.sizes, 'outs', 'rowBlocks', 'partPixels'],
    threads: THREADS,
    code: () => [source.code, columnAccess(fullColumns), BODY].join('\n'),
  };
}

function columnAccess(fullColumns: boolean): string {
  if (fullColumns) {
    return `fn gradientAt(pixel: i32, column: i32) -> vec4<f32> {
  if (pixel >= sizes.pixels || 4 * column >= sizes.outs) { return vec4<f32>(); }
  return dy[pixel * (sizes.outs / 4) + column];
}
fn store(row: i32, column: i32, value: vec4<f32>) {
  if (4 * column < sizes.outs) { dw[row * (sizes.outs / 4) + column] = value; }
}`;
  }
  return `fn gradientAt(pixel: i32, column: i32) -> vec4<f32> {
  var value = vec4<f32>();
  if (pixel >= sizes.pixels) { return value; }
  for (var i = 0; i < min(4, sizes.outs - 4 * column); i++) { value[i] = dy[pixel * sizes.outs + 4 * column + i]; }
  return value;
}
fn store(row: i32, column: i32, value: vec4<f32>) {
  for (var i = 0; i < min(4, sizes.outs - 4 * column); i++) { dw[row * sizes.outs + 4 * column + i] = value[i]; }
}`;
}

const AXES = ['x', 'y', 'z', 'w'];

const BODY = `
var<workgroup> places: array<Place, ${PIXELS}>;
var<workgroup> rowTaps: array<vec4<i32>, ${FILTER_BLOCK.rows}>;
var<workgroup> inputs: array<vec4<f32>, ${PIXELS * FILTER_BLOCK.rows}>;
var<workgroup> gradients: array<vec4<f32>, ${PIXELS * ACROSS}>;

fn run(group: i32, layer: i32, thread: i32) {
  let part = group / sizes.rowBlocks;
  let firstRow = (group % sizes.rowBlocks) * ${FILTER_BLOCK.rows};
  let firstColumn = layer * ${ACROSS};
  let down = thread / ${ACROSS};
  let across = thread % ${ACROSS};
  if (thread < ${FILTER_BLOCK.rows}) {
    let row = firstRow + thread;
    let tap = row / sizes.slots;
    let line = tap / sizes.tapsWide;
    rowTaps[thread] = vec4<i32>(
      line / sizes.tapsHigh, line % sizes.tapsHigh, tap - line * sizes.tapsWide, row - tap * sizes.slots);
  }
  ${repeat(ROWS, (r) => repeat(4, (k) => `var sum${r}_${k} = vec4<f32>();`))}
  let last = min(sizes.pixels, (part + 1) * sizes.partPixels);
  for (var first = part * sizes.partPixels; first < last; first += ${PIXELS}) {
    if (thread < ${PIXELS}) {
      var place = placeOf(first + thread);
      place.inside = place.inside && first + thread < last;
      places[thread] = place;
    }
    workgroupBarrier();
    for (var at = thread; at < ${PIXELS * FILTER_BLOCK.rows}; at += ${THREADS}) {
      let row = rowTaps[at % ${FILTER_BLOCK.rows}];
      inputs[at] = valueAt(places[at / ${FILTER_BLOCK.rows}], row.xyz, row.w);
    }
    for (var at = thread; at < ${PIXELS * ACROSS}; at += ${THREADS}) {
      gradients[at] = gradientAt(first + at / ${ACROSS}, firstColumn + at % ${ACROSS});
    }
    workgroupBarrier();
    for (var pixel = 0; pixel < ${PIXELS}; pixel++) {
      let g = gradients[pixel * ${ACROSS} + across];
      ${repeat(ROWS, (r) => `let v${r} = inputs[pixel * ${FILTER_BLOCK.rows} + down + ${r * DOWN}];`)}
      ${repeat(ROWS, (r) => repeat(4, (k) => `sum${r}_${k} = fma(vec4<f32>(v${r}.${AXES[k]}), g, sum${r}_${k});`))}
    }
    workgroupBarrier();
  }
  ${repeat(
    ROWS,
    (r) => `{
    let row = firstRow + down + ${r * DOWN};
    let tap = row / sizes.slots;
    let channel = 4 * (row - tap * sizes.slots);
    let at = (part * sizes.taps + tap) * sizes.channels + channel;
    ${repeat(4, (k) => `if (tap < sizes.taps && channel + ${k} < sizes.channels) { store(at + ${k}, firstColumn + across, sum${r}_${k}); }`)}
  }`,
  )}
}`;
