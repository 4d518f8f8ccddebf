import type { Pixels } from './picture.ts';

/** Turns a picture clockwise by 0, 90, 180 or 270 degrees, then mirrors it left to right where `flip` is set. */
export function rotatePixels(pixels: Pixels, rotation: number, flip = false): Pixels {
  if (rotation === 0 && !flip) {
    return pixels;
  }
  const { width, height, data } = pixels;
  const turned = rotation === 90 || rotation === 270;
  const outWidth = turned ? height : width;
  const outHeight = turned ? width : height;
  const out = new Uint8Array(data.length);
  for (let row = 0; row < outHeight; row += 1) {
    for (let column = 0; column < outWidth; column += 1) {
      const [fromRow, fromColumn] = origin(row, flip ? outWidth - 1 - column : column, rotation, pixels);
      const from = 3 * (fromRow * width + fromColumn);
      const to = 3 * (row * outWidth + column);
      out[to] = data[from]!;
      out[to + 1] = data[from + 1]!;
      out[to + 2] = data[from + 2]!;
    }
  }
  return { width: outWidth, height: outHeight, data: out };
}

/** Where the pixel that is shown at `row`, `column` is stored. */
function origin(row: number, column: number, rotation: number, { width, height }: Pixels): [number, number] {
  switch (rotation) {
    case 90:
      return [height - 1 - column, row];
    case 180:
      return [height - 1 - row, width - 1 - column];
    case 270:
      return [column, width - 1 - row];
    default:
      return [row, column];
  }
}
