import type { PixelSource } from './convolution.ts';
import { CLIP_SIZES, texel } from './pixel-source.ts';
import { vectorType } from './vector-type.ts';

/**
 * What a pixel of a clip gave to a convolution's result: reads the gradient of that result at every place that saw the pixel
 * through a tap. The first frame was seen in place of those before the clip, too.
 */
export function gradientSource(fullSlots: boolean): PixelSource {
  return {
    variant: 'gradient',
    reads: [{ name: 'dy', type: vectorType(fullSlots) }],
    sizes: CLIP_SIZES,
    code: `${texel('dy', fullSlots)}
struct Place { inside: bool, clip: i32, frame: i32, row: i32, column: i32 }
fn placeOf(pixel: i32) -> Place {
  let line = pixel / sizes.width;
  let image = line / sizes.height;
  let clip = image / sizes.time;
  return Place(
    pixel < sizes.pixels,
    clip,
    image - clip * sizes.time,
    line - image * sizes.height + sizes.top,
    pixel - line * sizes.width + sizes.left,
  );
}
fn valueAt(place: Place, tap: vec3<i32>, slot: i32) -> vec4<f32> {
  var value = vec4<f32>();
  let high = place.row - tap.y;
  let wide = place.column - tap.z;
  let row = high / sizes.stepHigh;
  let column = wide / sizes.stepWide;
  if (!place.inside || tap.x * sizes.tapsHigh * sizes.tapsWide >= sizes.taps || high < 0 || wide < 0
    || row * sizes.stepHigh != high || column * sizes.stepWide != wide
    || row >= sizes.outHeight || column >= sizes.outWidth) { return value; }
  let late = place.frame + sizes.taps / (sizes.tapsHigh * sizes.tapsWide) - 1 - tap.x;
  let last = late / sizes.stepTime;
  let first = select(last, 0, place.frame == 0);
  if (place.frame != 0 && last * sizes.stepTime != late) { return value; }
  for (var frame = first; frame <= min(last, sizes.outTime - 1); frame++) {
    value += texel(((place.clip * sizes.outTime + frame) * sizes.outHeight + row) * sizes.outWidth + column, slot);
  }
  return value;
}`,
  };
}
