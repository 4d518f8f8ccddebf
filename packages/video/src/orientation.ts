/** How a stored picture is shown: turned clockwise by `rotation` degrees, then mirrored left to right where `flip` is set. */
export interface Orientation {
  readonly rotation: number;
  readonly flip: boolean;
}

/**
 * Returns the orientation of a display matrix, to the nearest quarter turn.
 *
 * A stored point (x, y) is shown at (a x + c y, b x + d y).
 */
export function orientationFromMatrix(a: number, b: number, c: number, d: number): Orientation {
  const quarters = Math.round(Math.atan2(b, d) / (Math.PI / 2));
  return { rotation: 90 * ((quarters + 4) % 4), flip: a * d - b * c < 0 };
}
