import type { GpuProgram } from '../gpu-program.ts';
import { vectorType } from './vector-type.ts';

/** Values that a workgroup writes. */
export const SHRUNK_TOGETHER = 256;

/**
 * The gradient of an enlargement: each pixel gathers from those that it was mixed into. Along an axis that is mixed these are
 * four, a quarter, three, three and one of each, where those beyond an end are the end; along one that is repeated, two.
 */
export function shrinkProgram(full: boolean): GpuProgram {
  const type = vectorType(full);
  return {
    name: 'shrink',
    variant: type,
    reads: [{ name: 'dy', type }],
    writes: [{ name: 'dx', type }],
    sizes: ['time', 'height', 'width', 'columns', 'total', 'doubled', 'mixed'],
    threads: SHRUNK_TOGETHER,
    code: () => `
fn share(offset: i32, mixed: bool) -> f32 {
  let inner = offset == 1 || offset == 2;
  return select(f32(inner), select(0.25, 0.75, inner), mixed);
}
fn run(group: i32, layer: i32, thread: i32) {
  let at = group * ${SHRUNK_TOGETHER} + thread;
  if (at >= sizes.total) { return; }
  let pixel = at / sizes.columns;
  let line = pixel / sizes.width;
  let image = line / sizes.height;
  let clip = image / sizes.time;
  let frame = image - clip * sizes.time;
  let row = line - image * sizes.height;
  let column = pixel - line * sizes.width;
  let times = select(sizes.time, 2 * sizes.time - 1, sizes.doubled != 0);
  let between = sizes.doubled != 0 && frame > 0;
  var sum = ${type}();
  for (var t = 0; t < select(1, 4, between); t++) {
    let origin = select(frame, clamp(2 * frame - 3 + t, 0, times - 2) + 1, between);
    let partOfTime = select(1.0, share(t, true), between);
    for (var i = 0; i < 4; i++) {
      let high = clamp(2 * row - 1 + i, 0, 2 * sizes.height - 1);
      for (var j = 0; j < 4; j++) {
        let wide = clamp(2 * column - 1 + j, 0, 2 * sizes.width - 1);
        let part = partOfTime * share(i, sizes.mixed != 0) * share(j, sizes.mixed != 0);
        let source = ((clip * times + origin) * 2 * sizes.height + high) * 2 * sizes.width + wide;
        sum += part * dy[source * sizes.columns + at - pixel * sizes.columns];
      }
    }
  }
  dx[at] = sum;
}`,
  };
}
