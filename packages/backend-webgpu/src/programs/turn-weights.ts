import type { GpuProgram } from '../gpu-program.ts';

/** Values that a workgroup turns. */
export const TURNED_TOGETHER = 256;

/** Kernels `[taps, in, out]` as `[taps, out, in]`. */
export const turnWeightsProgram: GpuProgram = {
  name: 'turnWeights',
  variant: '',
  reads: [{ name: 'weight', type: 'f32' }],
  writes: [{ name: 'turned', type: 'f32' }],
  sizes: ['ins', 'outs', 'total'],
  threads: TURNED_TOGETHER,
  code: () => `
fn run(group: i32, layer: i32, thread: i32) {
  let at = group * ${TURNED_TOGETHER} + thread;
  if (at >= sizes.total) { return; }
  let column = at % sizes.ins;
  let row = at / sizes.ins;
  let tap = row / sizes.outs;
  turned[at] = weight[(tap * sizes.ins + column) * sizes.outs + row - tap * sizes.outs];
}`,
};
