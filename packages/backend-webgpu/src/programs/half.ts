import type { GpuProgram } from '../gpu-program.ts';
import { clipType, storedFour } from './vector-type.ts';

const THREADS = 256;

/** Fours of values that a workgroup widens, or adds. */
export const WIDENED_TOGETHER = THREADS;

/** Values of 16 bits in 32. */
export const widenProgram: GpuProgram = {
  name: 'widen',
  variant: '',
  reads: [{ name: 'x', type: 'vec4<f16>' }],
  writes: [{ name: 'y', type: 'vec4<f32>' }],
  sizes: ['total'],
  threads: THREADS,
  code: () => each('vec4<f32>(x[at])'),
};

/** The sums of two clips that are stored in 16 bits, stored as the result is. */
export function addHalvesProgram(half: boolean): GpuProgram {
  return {
    name: 'addHalves',
    variant: '',
    reads: ['a', 'b'].map((name) => ({ name, type: 'vec4<f16>' })),
    writes: [{ name: 'y', type: clipType(true, half) }],
    sizes: ['total'],
    threads: THREADS,
    code: () => each(storedFour('vec4<f32>(a[at]) + vec4<f32>(b[at])', half)),
  };
}

function each(value: string): string {
  return `fn run(group: i32, layer: i32, thread: i32) {
  let at = group * ${THREADS} + thread;
  if (at < sizes.total) { y[at] = ${value}; }
}`;
}
