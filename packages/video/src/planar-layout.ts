import type { PlanarPicture } from './planar-picture.ts';

/** Layout of a planar pixel format of FFmpeg. */
export interface PlanarLayout extends Pick<PlanarPicture, 'bits' | 'chromaShift'> {
  readonly grey: boolean;
  readonly alpha: boolean;
  /** Planes hold green, blue and red. */
  readonly rgb: boolean;
}

const CHROMA_SHIFTS: Readonly<Record<string, readonly [number, number]>> = {
  '420': [1, 1],
  '422': [1, 0],
  '444': [0, 0],
  '440': [0, 1],
  '411': [2, 0],
  '410': [2, 2],
};

/** Returns the layout of a planar little-endian format such as `yuv420p10le`, `gray` or `gbrap`; undefined for others. */
export function parsePlanarLayout(pixelFormat: string): PlanarLayout | undefined {
  const match = /^(?:yuv(?:(a)|j)?(4\d\d)p|gbr(a)?p|gray)(?:(9|10|12|14|16)le)?$/.exec(pixelFormat);
  const chromaShift = CHROMA_SHIFTS[match?.[2] ?? '444'];
  if (!match || !chromaShift) {
    return undefined;
  }
  return {
    bits: Number(match[4] ?? 8),
    chromaShift,
    grey: pixelFormat.startsWith('gray'),
    alpha: match[1] !== undefined || match[3] !== undefined,
    rgb: pixelFormat.startsWith('gbr'),
  };
}
