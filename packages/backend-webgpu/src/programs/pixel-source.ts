import type { PixelSource } from './convolution.ts';

/** Sizes of a clip that is read, and of the result. */
const SIZES = [
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

/** The pixels of a clip: the first frame repeated before it, zeros around its images. */
export function clipSource(fullSlots: boolean): PixelSource {
  return {
    variant: 'clip',
    reads: [{ name: 'x', type: fullSlots ? 'vec4<f32>' : 'f32' }],
    sizes: SIZES,
    code: `${texel('x', fullSlots)}
${FORWARD_PLACE}
fn valueAt(place: Place, tap: vec3<i32>, slot: i32) -> vec4<f32> {
  let row = place.row + tap.y;
  let column = place.column + tap.z;
  if (!place.inside || tap.x * sizes.tapsHigh * sizes.tapsWide >= sizes.taps
    || row < 0 || row >= sizes.height || column < 0 || column >= sizes.width) { return vec4<f32>(); }
  let frame = place.clip * sizes.time + max(0, place.frame + tap.x);
  return texel((frame * sizes.height + row) * sizes.width + column, slot);
}`,
  };
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
}`;

/** `texel(pixel, slot)`: four channels of a pixel, zeros beyond the last. */
function texel(name: string, fullSlots: boolean): string {
  if (fullSlots) return `fn texel(pixel: i32, slot: i32) -> vec4<f32> { return ${name}[pixel * sizes.slots + slot]; }`;
  return `fn texel(pixel: i32, slot: i32) -> vec4<f32> {
  var value = vec4<f32>();
  let first = pixel * sizes.channels + 4 * slot;
  for (var i = 0; i < min(4, sizes.channels - 4 * slot); i++) { value[i] = ${name}[first + i]; }
  return value;
}`;
}
