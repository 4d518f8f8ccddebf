import type { LumaMatrix } from './colour-matrix.ts';
import type { WritableCodec } from './types.ts';

/** Tags of a written file, in the words of WebCodecs and in the numbers of ITU-T H.273. */
export interface WrittenColor {
  /** Matrix that the pixels are converted with. */
  readonly matrix: LumaMatrix;
  readonly tags: VideoColorSpaceInit & { readonly matrix: 'bt709' | 'smpte170m'; readonly fullRange: false };
  readonly matrixCode: number;
}

const BT709 = { primaries: 'bt709', transfer: 'bt709', fullRange: false } as const;

/**
 * Returns how a codec's files are coded and tagged: BT.709, limited range.
 *
 * VP8 has no tag for the matrix, and FFmpeg's decoder assumes BT.601 whatever the container is tagged with.
 */
export function writtenColor(codec: WritableCodec): WrittenColor {
  return codec === 'vp8'
    ? { matrix: 'bt601', tags: { ...BT709, matrix: 'smpte170m' }, matrixCode: 6 }
    : { matrix: 'bt709', tags: { ...BT709, matrix: 'bt709' }, matrixCode: 1 };
}
