/** Pixels this close to square are shown as they are: earlier resizes leave such traces of rounding. */
const NEARLY_SQUARE = 0.01;

/** The size in square pixels of a picture whose pixels are `aspect` times as wide as high; never smaller than stored. */
export function squareSize(width: number, height: number, aspect: number): { width: number; height: number } {
  if (Math.abs(aspect - 1) < NEARLY_SQUARE) {
    return { width, height };
  }
  return aspect > 1 ? { width: Math.round(width * aspect), height } : { width, height: Math.round(height / aspect) };
}
