import type { Binding, GpuProgram } from '../gpu-program.ts';
import { repeat } from './repeat.ts';
import { type MatrixTile, TERMS } from './matrix-tile.ts';
import { clipType, storedFour, vectorType } from './vector-type.ts';

/**
 * What a convolution reads: WGSL that says which values a pixel of the result sees through a tap.
 *
 * Its code declares `struct Place`, `fn placeOf(pixel: i32) -> Place` and
 * `fn valueAt(place: Place, tap: vec3<i32>, slot: i32) -> vec4<f32>`, the four channels of a slot.
 */
export interface PixelSource {
  readonly variant: string;
  readonly reads: readonly Binding[];
  readonly sizes: readonly string[];
  readonly code: string;
  /** `valueAt` takes rows and columns beyond the kernel's, and a tap in time reads one frame, whatever pixel reads it. */
  readonly readsPatches?: true;
}

/** Sizes that the code of any source may read, beside its own. */
export const SOURCE_SIZES = ['pixels', 'taps', 'tapsHigh', 'tapsWide', 'slots', 'channels'] as const;

/** What a convolution's code depends on, its sizes aside. */
export interface ConvolutionVariant {
  readonly source: PixelSource;
  readonly tile: MatrixTile;
  /** Input channels come in fours. */
  readonly fullSlots: boolean;
  /** Output channels come in fours. */
  readonly fullColumns: boolean;
  readonly bias: boolean;
  /** The result is stored in 16 bits. */
  readonly half?: boolean;
  /** Equal stretches of the pixels have weights of their own. */
  readonly batched?: boolean;
}

/** Slots of four channels that a workgroup takes at once. */
const SLOTS = TERMS / 4;

/**
 * A convolution as one product of matrices that are never made: rows are pixels of the result, columns its channels, and the
 * sum runs over taps and input channels, some at a time, which a workgroup keeps in its own memory.
 */
export function convolutionProgram(name: string, variant: ConvolutionVariant): GpuProgram {
  const { source, tile, fullSlots, fullColumns, bias, half, batched = false } = variant;
  const columns = vectorType(fullColumns);
  return {
    name,
    variant: `${source.variant} ${Object.values(tile).join('x')} ${fullSlots} ${fullColumns} ${bias} ${batched}`,
    reads: [
      ...source.reads,
      { name: 'weight', type: columns },
      ...(bias ? [{ name: 'bias', type: columns } as const] : []),
    ],
    writes: [{ name: 'y', type: clipType(fullColumns, half) }],
    sizes: [...SOURCE_SIZES, ...source.sizes, 'outs', ...(batched ? ['stretch', 'blocks'] : [])],
    threads: tile.down * tile.across,
    code: () => [source.code, weightRow(fullSlots), columnAccess(variant), body(tile, batched)].join('\n'),
  };
}

/** `weightRow(chunk, row)`: where a row of the current part of the sum lies in the weights; -1 where it is none of theirs. */
function weightRow(fullSlots: boolean): string {
  if (fullSlots) {
    return `fn weightRow(chunk: i32, row: i32) -> i32 {
  let at = chunk * ${4 * SLOTS} + row;
  return select(-1, at, at < sizes.taps * sizes.channels);
}`;
  }
  return `fn weightRow(chunk: i32, row: i32) -> i32 {
  let slot = chunk * ${SLOTS} + row / 4;
  let tap = slot / sizes.slots;
  let channel = (slot - tap * sizes.slots) * 4 + row % 4;
  return select(-1, tap * sizes.channels + channel, tap < sizes.taps && channel < sizes.channels);
}`;
}

/** How four columns are read from weights and bias and written. */
function columnAccess({ fullColumns, bias, half }: ConvolutionVariant): string {
  if (fullColumns) {
    return `fn weightAt(row: i32, first: i32, column: i32) -> vec4<f32> {
  if (row < 0 || 4 * column >= sizes.outs) { return vec4<f32>(); }
  return weight[(first + row) * (sizes.outs / 4) + column];
}
fn store(pixel: i32, last: i32, column: i32, value: vec4<f32>) {
  if (pixel >= last || 4 * column >= sizes.outs) { return; }
  y[pixel * (sizes.outs / 4) + column] = ${storedFour(`value${bias ? ' + bias[column]' : ''}`, half)};
}`;
  }
  return `fn weightAt(row: i32, first: i32, column: i32) -> vec4<f32> {
  var value = vec4<f32>();
  if (row < 0) { return value; }
  for (var i = 0; i < min(4, sizes.outs - 4 * column); i++) { value[i] = weight[(first + row) * sizes.outs + 4 * column + i]; }
  return value;
}
fn store(pixel: i32, last: i32, column: i32, value: vec4<f32>) {
  if (pixel >= last) { return; }
  for (var i = 0; i < min(4, sizes.outs - 4 * column); i++) {
    let at = 4 * column + i;
    y[pixel * sizes.outs + at] = value[i]${bias ? ' + bias[at]' : ''};
  }
}`;
}

/** Which stretch of the pixels a block belongs to, and where its weights begin. */
const BATCHED = `let stretch = group / sizes.blocks;
  let own = group % sizes.blocks;
  let begin = stretch * sizes.stretch;
  let last = begin + sizes.stretch;
  let firstWeight = stretch * sizes.taps * sizes.channels;`;

function body({ down, across, rows: perThread, columns }: MatrixTile, batched: boolean): string {
  const threads = down * across;
  const [rows, wide] = [down * perThread, across * columns];
  return `
var<workgroup> places: array<Place, ${rows}>;
var<workgroup> inputs: array<vec4<f32>, ${rows * SLOTS}>;
var<workgroup> weights: array<vec4<f32>, ${4 * SLOTS * wide}>;

fn run(group: i32, layer: i32, thread: i32) {
  ${batched ? BATCHED : 'let own = group; let begin = 0; let last = sizes.pixels; let firstWeight = 0;'}
  let firstPixel = begin + own * ${rows};
  let firstColumn = layer * ${wide};
  let down = thread / ${across};
  let across = thread % ${across};
  for (var row = thread; row < ${rows}; row += ${threads}) { places[row] = placeOf(firstPixel + row); }
  workgroupBarrier();
  ${repeat(perThread, (p) => repeat(columns, (q) => `var sum${p}_${q} = vec4<f32>();`))}
  var slot = thread % ${SLOTS};
  var tap = vec3<i32>();
  let chunks = (sizes.taps * sizes.slots + ${SLOTS - 1}) / ${SLOTS};
  for (var chunk = 0; chunk < chunks; chunk++) {
    while (slot >= sizes.slots) {
      slot -= sizes.slots;
      tap.z++;
      if (tap.z == sizes.tapsWide) { tap.z = 0; tap.y++; }
      if (tap.y == sizes.tapsHigh) { tap.y = 0; tap.x++; }
    }
    for (var row = thread / ${SLOTS}; row < ${rows}; row += ${threads / SLOTS}) {
      inputs[(thread % ${SLOTS}) * ${rows} + row] = valueAt(places[row], tap, slot);
    }
    for (var at = thread; at < ${4 * SLOTS * wide}; at += ${threads}) {
      weights[at] = weightAt(weightRow(chunk, at / ${wide}), firstWeight, firstColumn + at % ${wide});
    }
    workgroupBarrier();
    for (var part = 0; part < ${SLOTS}; part++) {
      ${repeat(4, (k) => repeat(columns, (q) => `let w${k}_${q} = weights[(part * 4 + ${k}) * ${wide} + across + ${q * across}];`))}
      ${repeat(
        perThread,
        (p) => `{
        let v = inputs[part * ${rows} + down + ${p * down}];
        ${repeat(columns, (q) => ['x', 'y', 'z', 'w'].map((axis, k) => `sum${p}_${q} = fma(vec4<f32>(v.${axis}), w${k}_${q}, sum${p}_${q});`).join('\n        '))}
      }`,
      )}
    }
    workgroupBarrier();
    slot += ${SLOTS};
  }
  ${repeat(perThread, (p) => repeat(columns, (q) => `store(firstPixel + down + ${p * down}, last, firstColumn + across + ${q * across}, sum${p}_${q});`))}
}`;
}
