import type { GpuProgram } from '../gpu-program.ts';

/** Values that a workgroup copies. */
export const COPIED_TOGETHER = 64;

/** `total` values from the `begin`th on, as they are. */
export const copyPartProgram: GpuProgram = {
  name: 'copyPart',
  variant: '',
  reads: [{ name: 'x', type: 'f32' }],
  writes: [{ name: 'y', type: 'f32' }],
  sizes: ['begin', 'total'],
  threads: COPIED_TOGETHER,
  code: () => `
fn run(group: i32, layer: i32, thread: i32) {
  let at = group * ${COPIED_TOGETHER} + thread;
  if (at < sizes.total) { y[at] = x[sizes.begin + at]; }
}`,
};
