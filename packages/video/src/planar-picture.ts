/** Samples of one plane; more than 8 bits come as 16-bit words, lowest bits used. */
export type PlaneSamples = Uint8Array | Uint16Array;

/** One plane and how many samples lie between the starts of its rows. */
export interface Plane {
  readonly samples: PlaneSamples;
  readonly stride: number;
}

/** A YUV picture in planes; `chromaShift` halves (1), quarters (2) or keeps (0) the chroma planes' sides. */
export interface PlanarPicture {
  readonly width: number;
  readonly height: number;
  /** Bits a sample: 8 to 16. */
  readonly bits: number;
  readonly luma: Plane;
  /** Blue and red difference; undefined for grey. */
  readonly chroma: readonly [Plane, Plane] | undefined;
  readonly chromaShift: readonly [horizontal: number, vertical: number];
  /** Opacity, as large as luma, full range. */
  readonly alpha?: Plane | undefined;
}

/** A side of a chroma plane: half a pixel still needs a sample. */
export function chromaSide(side: number, shift: number): number {
  return (side + (1 << shift) - 1) >> shift;
}

/** The planes of tightly packed planar YUV: luma, both chromas, then alpha. */
export function unpackPlanes(
  samples: PlaneSamples,
  layout: Omit<PlanarPicture, 'luma' | 'chroma' | 'alpha'> & { readonly grey?: boolean; readonly alpha?: boolean },
): PlanarPicture {
  const { width, height, bits, chromaShift } = layout;
  const stride = chromaSide(width, chromaShift[0]);
  const lumaSize = width * height;
  const chromaSize = layout.grey ? 0 : stride * chromaSide(height, chromaShift[1]);
  const plane = (start: number, size: number, rowStride: number): Plane => ({
    samples: samples.subarray(start, start + size),
    stride: rowStride,
  });
  return {
    width,
    height,
    bits,
    chromaShift,
    luma: plane(0, lumaSize, width),
    chroma: layout.grey
      ? undefined
      : [plane(lumaSize, chromaSize, stride), plane(lumaSize + chromaSize, chromaSize, stride)],
    alpha: layout.alpha ? plane(lumaSize + 2 * chromaSize, lumaSize, width) : undefined,
  };
}
