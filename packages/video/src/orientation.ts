import { MediaError } from '@od-vae/core/base';

/** How a stored picture is shown: turned clockwise by `rotation` degrees, then mirrored left to right where `flip` is set. */
export interface Orientation {
  readonly rotation: number;
  readonly flip: boolean;
}

/** Degrees that a rotation may differ from a quarter turn, as in FFmpeg. */
const MAX_TILT = 1;

/**
 * Returns the orientation of a display matrix; a matrix of zeros counts as the identity.
 *
 * A stored point (x, y) is shown at (a x + c y, b x + d y).
 *
 * @param name name of the file, for the error
 * @throws MediaError where the rotation is not a multiple of 90 degrees
 */
export function orientationFromMatrix(
  [a, b, c, d]: readonly [a: number, b: number, c: number, d: number],
  name: string,
): Orientation {
  const degrees = (Math.atan2(b, d) * 180) / Math.PI;
  const quarters = Math.round(degrees / 90);
  if (Math.abs(degrees - 90 * quarters) > MAX_TILT) {
    throw new MediaError(
      `openVideo: the rotation of ${name} must be a multiple of 90 degrees, but is ${degrees.toFixed(1)}; rotate the frames with ffmpeg first.`,
    );
  }
  return { rotation: 90 * ((quarters + 4) % 4), flip: a * d - b * c < 0 };
}
