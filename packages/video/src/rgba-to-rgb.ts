import type { Pixels } from './picture.ts';

/** Where four bytes per pixel are stored, and their order; `opaque` where the fourth is not an opacity. */
interface RgbaLayout {
  readonly offset?: number;
  readonly stride?: number;
  readonly order?: readonly [red: number, green: number, blue: number];
  readonly opaque?: boolean;
}

/** Composites RGBA over white. */
export function rgbaToRgb(
  source: Uint8Array,
  { width, height }: { readonly width: number; readonly height: number },
  { offset = 0, stride = 4 * width, order = [0, 1, 2], opaque = false }: RgbaLayout = {},
): Pixels {
  const data = new Uint8ClampedArray(width * height * 3);
  for (let row = 0, to = 0; row < height; row += 1) {
    for (let column = 0; column < width; column += 1) {
      const from = offset + row * stride + 4 * column;
      const opacity = opaque ? 1 : source[from + 3]! / 255;
      for (const channel of order) {
        data[to] = source[from + channel]! * opacity + 255 * (1 - opacity);
        to += 1;
      }
    }
  }
  return { width, height, data: new Uint8Array(data.buffer) };
}
