import type { PixelSource } from './convolution.ts';
import { type Activation, activationCode } from './group-norm.ts';
import { clipType } from './vector-type.ts';

/** Sizes of a convolution's clip, and of its result. */
export const CLIP_SIZES = [
  'time',
  'height',
  'width',
  'outTime',
  'outHeight',
  'outWidth',
  'stepTime',
  'stepHigh',
  'stepWide',
  'top',
  'left',
];

/** The pixels of a clip of twice the height and width, and perhaps of twice the frames but the first; it is never made. */
export function enlargedSource(fullSlots: boolean, half?: boolean): PixelSource {
  return {
    variant: 'enlarged',
    readsPatches: true,
    reads: [{ name: 'x', type: clipType(fullSlots, half) }],
    sizes: [...CLIP_SIZES, 'sourceTime', 'between', 'doubled'],
    code: `${texel('x', fullSlots)}
${FORWARD_PLACE}
fn neighbour(at: i32, first: i32, count: i32) -> i32 { return clamp(at / 2 + (at % 2) * 2 - 1, first, count - 1); }
fn valueAt(place: Place, tap: vec3<i32>, slot: i32) -> vec4<f32> {
  let row = place.row + tap.y;
  let column = place.column + tap.z;
  if (isOutside(place, tap, row, column)) { return vec4<f32>(); }
  let size = vec2<i32>(sizes.height, sizes.width) / 2;
  let frame = max(0, place.frame + tap.x);
  let near = vec3<i32>(select(frame, (frame + 1) / 2, sizes.doubled != 0), row / 2, column / 2);
  let far = vec3<i32>(
    select(neighbour(frame + 1, 1, sizes.sourceTime), 0, frame == 0),
    neighbour(row, 0, size.x),
    neighbour(column, 0, size.y),
  );
  var value = vec4<f32>();
  // Bits of a corner: the farther of two frames, rows, columns. Those of 'between' are mixed, three parts to one.
  for (var corner = 0; corner <= sizes.between; corner++) {
    if ((corner & ~sizes.between) != 0) { continue; }
    let bits = vec3<bool>((corner & 4) != 0, (corner & 2) != 0, (corner & 1) != 0);
    let mixed = (vec3<i32>(sizes.between) & vec3<i32>(4, 2, 1)) != vec3<i32>();
    let parts = select(vec3<f32>(1.0), select(vec3<f32>(0.75), vec3<f32>(0.25), bits), mixed);
    let at = select(near, far, bits);
    let pixel = ((place.clip * sizes.sourceTime + at.x) * size.x + at.y) * size.y + at.z;
    value += parts.x * parts.y * parts.z * texel(pixel, slot);
  }
  return value;
}`,
  };
}

/** What an enlarging source needs beside the sizes of the enlarged clip. */
export function enlargementSizes({ time, mode }: Enlargement, sourceTime: number): Record<string, number> {
  return { sourceTime, doubled: Number(time), between: (time ? 4 : 0) + (mode === 'trilinear' ? 3 : 0) };
}

/** How a clip is enlarged before a convolution. */
export interface Enlargement {
  readonly time: boolean;
  readonly mode: 'nearest' | 'trilinear';
}

/** The pixels of a clip: the first frame repeated before it, zeros around its images. */
export function clipSource(fullSlots: boolean, half?: boolean): PixelSource {
  return {
    variant: 'clip',
    readsPatches: true,
    reads: [{ name: 'x', type: clipType(fullSlots, half) }],
    sizes: CLIP_SIZES,
    code: [texel('x', fullSlots), FORWARD_PLACE, clipValue('texel')].join('\n'),
  };
}

/** The same of a clip whose channels, which come in fours, are scaled, shifted and activated while they are read. */
export function scaledSource(activation: Activation, half?: boolean): PixelSource {
  return {
    variant: `scaled ${activation}`,
    readsPatches: true,
    reads: [
      { name: 'x', type: clipType(true, half) },
      { name: 'scales', type: 'vec4<f32>' },
    ],
    sizes: [...CLIP_SIZES, 'samplePixels'],
    code: [texel('x', true), activationCode(activation, 'vec4<f32>'), SCALED, FORWARD_PLACE, clipValue('scaled')].join(
      '\n',
    ),
  };
}

const SCALED = `fn scaled(pixel: i32, slot: i32) -> vec4<f32> {
  let first = 2 * (pixel / sizes.samplePixels) * sizes.slots + slot;
  return activated(fma(texel(pixel, slot), scales[first], scales[first + sizes.slots]));
}`;

/** `valueAt` of a clip whose pixels a function reads. */
function clipValue(read: string): string {
  return `fn valueAt(place: Place, tap: vec3<i32>, slot: i32) -> vec4<f32> {
  let row = place.row + tap.y;
  let column = place.column + tap.z;
  if (isOutside(place, tap, row, column)) { return vec4<f32>(); }
  let frame = place.clip * sizes.time + max(0, place.frame + tap.x);
  return ${read}((frame * sizes.height + row) * sizes.width + column, slot);
}`;
}

const FORWARD_PLACE = `struct Place { inside: bool, clip: i32, frame: i32, row: i32, column: i32 }
fn placeOf(pixel: i32) -> Place {
  let line = pixel / sizes.outWidth;
  let image = line / sizes.outHeight;
  let clip = image / sizes.outTime;
  let tapsTime = sizes.taps / (sizes.tapsHigh * sizes.tapsWide);
  return Place(
    pixel < sizes.pixels,
    clip,
    (image - clip * sizes.outTime) * sizes.stepTime - (tapsTime - 1),
    (line - image * sizes.outHeight) * sizes.stepHigh - sizes.top,
    (pixel - line * sizes.outWidth) * sizes.stepWide - sizes.left,
  );
}
fn isOutside(place: Place, tap: vec3<i32>, row: i32, column: i32) -> bool {
  return !place.inside || tap.x * sizes.tapsHigh * sizes.tapsWide >= sizes.taps
    || row < 0 || row >= sizes.height || column < 0 || column >= sizes.width;
}`;

/** `texel(pixel, slot)`: four channels of a pixel, zeros beyond the last; in 32 bits, however they are stored. */
export function texel(name: string, fullSlots: boolean): string {
  if (fullSlots)
    return `fn texel(pixel: i32, slot: i32) -> vec4<f32> { return vec4<f32>(${name}[pixel * sizes.slots + slot]); }`;
  return `fn texel(pixel: i32, slot: i32) -> vec4<f32> {
  var value = vec4<f32>();
  let first = pixel * sizes.channels + 4 * slot;
  for (var i = 0; i < min(4, sizes.channels - 4 * slot); i++) { value[i] = ${name}[first + i]; }
  return value;
}`;
}
