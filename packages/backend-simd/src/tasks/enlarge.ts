/** A stored frame, row or column and its share of an enlarged one. */
export type Share = readonly [index: number, share: number];

/**
 * The stored positions that an enlarged one lies between: output `2k` a quarter before `k`, output `2k + 1` a quarter after
 * it; beyond the ends the end goes on.
 */
export function neighbours(position: number, size: number): readonly Share[] {
  const nearest = position >> 1;
  const other = Math.min(size - 1, Math.max(0, position % 2 === 0 ? nearest - 1 : nearest + 1));
  return other === nearest
    ? [[nearest, 1]]
    : [
        [nearest, 0.75],
        [other, 0.25],
      ];
}

/** The stored frames of an enlarged one: the first stays alone, the later ones are doubled among themselves. */
export function blendedFrames(frame: number, time: number): readonly Share[] {
  if (frame === 0) return [[0, 1]];
  return neighbours(frame - 1, time - 1).map(([index, share]) => [index + 1, share]);
}

/** Where the columns of an enlarged line come from. */
export interface LineExtent {
  /** Column of the stored image at which the given line begins. */
  readonly first: number;
  /** Wanted columns of the enlarged image. */
  readonly column: number;
  readonly columns: number;
  readonly channels: number;
  /** Width of the stored image. */
  readonly width: number;
}

/** Doubles a line of pixels linearly into scratch. */
export function enlargeLine(
  scratch: Float32Array,
  to: number,
  line: Float32Array,
  { first, column, columns, channels, width }: LineExtent,
): void {
  for (let pixel = 0; pixel < columns; pixel++) {
    const [near, far = near] = neighbours(column + pixel, width);
    const share = near![1];
    const a = (near![0] - first) * channels;
    const b = (far![0] - first) * channels;
    const target = to + pixel * channels;
    for (let channel = 0; channel < channels; channel++) {
      scratch[target + channel] = share * line[a + channel]! + (1 - share) * line[b + channel]!;
    }
  }
}
