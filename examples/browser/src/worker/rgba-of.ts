import type { Frame } from '@od-vae/video';

/** The pixels of a frame as a canvas takes them. */
export function rgbaOf({ data, width, height }: Frame): Uint8ClampedArray<ArrayBuffer> {
  const rgba = new Uint8ClampedArray(width * height * 4).fill(255);
  for (let from = 0, to = 0; from < data.length; from += 3, to += 4) {
    rgba[to] = data[from]!;
    rgba[to + 1] = data[from + 1]!;
    rgba[to + 2] = data[from + 2]!;
  }
  return rgba;
}
