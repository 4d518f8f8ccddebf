import { decompressFrame, parseGIF } from 'gifuct-js';

/** Undefined where the other reader itself trips over an extension. */
function parse(bytes: Uint8Array): ReturnType<typeof parseGIF> | undefined {
  try {
    return parseGIF(bytes.slice().buffer);
  } catch {
    return undefined;
  }
}

/** How many frames a GIF has, and the first of them over white in RGB: unpacked by another reader, laid down pixel by pixel. */
export function plainGif(bytes: Uint8Array, most: number): { count: number; frames: Uint8Array[] } {
  const gif = parse(bytes);
  if (!gif) return { count: 0, frames: [] };
  const { width, height } = gif.lsd;
  const images = gif.frames.filter((frame) => 'image' in frame);
  const shown: Uint8Array[] = [];
  let canvas: number[][] = Array.from({ length: width * height }, () => [255, 255, 255]);
  for (const image of images.slice(0, most)) {
    const { dims, patch, disposalType } = decompressFrame(
      image as Parameters<typeof decompressFrame>[0],
      gif.gct,
      true,
    );
    const before = canvas.map((pixel) => pixel);
    const pixels = (body: (place: number, from: number) => void): void => {
      for (let y = 0; y < dims.height; y++) {
        for (let x = 0; x < dims.width; x++) {
          const [row, column] = [dims.top + y, dims.left + x];
          if (row < height && column < width) body(row * width + column, 4 * (y * dims.width + x));
        }
      }
    };
    pixels((place, from) => {
      if (patch[from + 3] !== 0) canvas[place] = [patch[from]!, patch[from + 1]!, patch[from + 2]!];
    });
    shown.push(Uint8Array.from(canvas.flat()));
    if (disposalType === 3) canvas = before;
    if (disposalType === 2) pixels((place) => (canvas[place] = [255, 255, 255]));
  }
  return { count: images.length, frames: shown };
}
