import { MediaError } from '@od-vae/core/base';
import { assumedMatrix } from './colour-matrix.ts';
import type { PlanarLayout } from './planar-layout.ts';
import type { Colour, ColourMatrix } from './types.ts';

/** FFmpeg's names of the matrix coefficients of ITU-T H.273, by number. */
const NAMES = [
  'gbr',
  'bt709',
  'unknown',
  'reserved',
  'fcc',
  'bt470bg',
  'smpte170m',
  'smpte240m',
  'ycgco',
  'bt2020nc',
  'bt2020c',
  'smpte2085',
  'chroma-derived-nc',
  'chroma-derived-c',
  'ictcp',
  'ipt-c2',
  'ycgco-re',
  'ycgco-ro',
] as const;

/** Supported matrices by their names in FFmpeg and WebCodecs. */
const MATRICES: ReadonlyMap<string, ColourMatrix> = /* @__PURE__ */ new Map<string, ColourMatrix>([
  ['gbr', 'rgb'],
  ['rgb', 'rgb'],
  ['bt709', 'bt709'],
  ['fcc', 'fcc'],
  ['bt470bg', 'bt601'],
  ['smpte170m', 'bt601'],
  ['smpte240m', 'smpte240m'],
  ['ycgco', 'ycgco'],
  ['bt2020nc', 'bt2020'],
  ['bt2020-ncl', 'bt2020'],
]);

/**
 * Returns the matrix of a color tag; undefined where the file has no tag.
 *
 * @param tag a number of ITU-T H.273, or a name of FFmpeg or WebCodecs
 * @param name name of the file, for the error
 * @throws MediaError where the matrix is not supported
 */
export function matrixFromTag(tag: number | string | null | undefined, name: string): ColourMatrix | undefined {
  const text = typeof tag === 'number' ? (NAMES[tag] ?? `reserved value ${tag}`) : (tag ?? 'unknown');
  if (text === 'unknown' || text === 'unspecified') {
    return undefined;
  }
  const matrix = MATRICES.get(text);
  if (!matrix) {
    throw new MediaError(
      `openVideo: ${name} must have a color matrix of BT.601, BT.709, BT.2020 (non-constant luminance), FCC, SMPTE 240M, YCgCo or RGB, but is tagged "${text}"; convert it to BT.709 first.`,
    );
  }
  return matrix;
}

/** Refuses RGB planes of different sizes, which ITU-T H.273 does not allow. */
function checkSubsampling(
  matrix: ColourMatrix | undefined,
  [across, down]: readonly [number, number],
  name: string,
): void {
  if (matrix === 'rgb' && across + down > 0) {
    throw new MediaError(
      `openVideo: ${name} must have planes of one size where its color matrix is RGB, but has subsampled chroma; tag it with the matrix that it was coded with.`,
    );
  }
}

/**
 * Returns how the samples of a picture are converted to RGB.
 *
 * RGB and gray samples are full range whatever the file is tagged with, as in FFmpeg.
 *
 * @param name name of the file, for the error
 */
export function storedColor(
  tag: { readonly matrix: ColourMatrix | undefined; readonly fullRange: boolean },
  { grey, rgb, chromaShift = [0, 0] }: Partial<Pick<PlanarLayout, 'grey' | 'rgb' | 'chromaShift'>>,
  height: number,
  name: string,
): Colour {
  if (!grey) checkSubsampling(tag.matrix, chromaShift, name);
  return {
    matrix: rgb ? 'rgb' : (tag.matrix ?? assumedMatrix(height)),
    range: tag.fullRange || grey === true || rgb === true || tag.matrix === 'rgb' ? 'full' : 'limited',
  };
}

/** Refuses transfer functions that need tone mapping. */
export function checkTransfer(isPq: boolean, name: string): void {
  if (isPq) {
    throw new MediaError(
      `openVideo: ${name} is HDR (PQ, SMPTE ST 2084), which needs tone mapping; convert it to BT.709 first.`,
    );
  }
}
