import type { Binding } from '../gpu-program.ts';

/** How values are taken: in fours where they come in fours. */
export function vectorType(full: boolean): Binding['type'] {
  return full ? 'vec4<f32>' : 'f32';
}
