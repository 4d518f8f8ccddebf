import { MediaError } from '@od-vae/core/base';
import { assumedMatrix } from './colour-matrix.ts';
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

/**
 * Returns how the samples of a picture are converted to RGB.
 *
 * RGB and gray samples are full range whatever the file is tagged with, as in FFmpeg.
 */
export function storedColor(
  tag: { readonly matrix: ColourMatrix | undefined; readonly fullRange: boolean },
  { grey, rgb }: { readonly grey: boolean; readonly rgb: boolean },
  height: number,
): Colour {
  return {
    matrix: rgb ? 'rgb' : (tag.matrix ?? assumedMatrix(height)),
    range: tag.fullRange || grey || rgb || tag.matrix === 'rgb' ? 'full' : 'limited',
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
