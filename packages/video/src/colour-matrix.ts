import type { Colour } from './types.ts';

/** Luma weights of red and blue; green has the rest. */
const LUMA_WEIGHTS = {
  bt601: { red: 0.299, blue: 0.114 },
  bt709: { red: 0.2126, blue: 0.0722 },
  bt2020: { red: 0.2627, blue: 0.0593 },
  fcc: { red: 0.3, blue: 0.11 },
  smpte240m: { red: 0.212, blue: 0.087 },
} as const;

/** Matrices whose luma is a weighted sum and whose chroma is its difference to blue and red. */
export type LumaMatrix = keyof typeof LUMA_WEIGHTS;

/** Luma weights of a YUV matrix, in order red, green, blue; they sum to one. */
export function lumaWeights(matrix: LumaMatrix): readonly [number, number, number] {
  const { red, blue } = LUMA_WEIGHTS[matrix];
  return [red, 1 - red - blue, blue];
}

/** The matrix of a file that names none: BT.709 from 720 rows up, BT.601 below, as players assume. */
export function assumedMatrix(height: number): 'bt601' | 'bt709' {
  return height >= 720 ? 'bt709' : 'bt601';
}

/** Where the samples of one range lie: black, and the distance to white and to the strongest chroma. */
export function sampleRange(range: Colour['range'], bits: number) {
  const unit = 2 ** (bits - 8);
  const middle = 128 * unit;
  return range === 'limited'
    ? { black: 16 * unit, lumaSpan: 219 * unit, chromaSpan: 224 * unit, middle }
    : { black: 0, lumaSpan: 2 ** bits - 1, chromaSpan: 2 ** bits - 1, middle };
}
