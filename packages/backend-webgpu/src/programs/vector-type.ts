import type { Binding } from '../gpu-program.ts';

/** How values are taken: in fours where they come in fours. */
export function vectorType(full: boolean): 'f32' | 'vec4<f32>' {
  return full ? 'vec4<f32>' : 'f32';
}

/** How a clip is taken that may be stored in 16 bits, which it is in fours alone. */
export function clipType(full: boolean, half = false): Binding['type'] {
  return half ? 'vec4<f16>' : vectorType(full);
}

/** Four values as they are stored: 16 bits hold no more than 65504, and what is larger becomes that, rather than no number. */
export function storedFour(value: string, half = false): string {
  return half ? `vec4<f16>(clamp(${value}, vec4<f32>(-65504.0), vec4<f32>(65504.0)))` : value;
}
