import { MediaError } from '@od-vae/core/base';
import { addAlpha } from './add-alpha.ts';
import type { ImageCodec } from './image-codec.ts';
import { checkSize } from './limits.ts';
import type { Pixels } from './picture.ts';

/** The browser's image codec. */
export const canvasCodec: ImageCodec = {
  decode: async (input, name) => {
    const bitmap = await createImageBitmap(new Blob([input as BlobPart])).catch((cause: Error) => {
      throw new MediaError(`openVideo: ${name} is not an image that this browser can read.`, { cause });
    });
    const { width, height } = bitmap;
    checkSize(name, width, height);
    const pixels = canvasPixels(bitmap, width, height);
    bitmap.close();
    return { ...pixels, format: 'image' };
  },
  encode: async (pixels, format, quality) => {
    const context = contextOf(pixels.width, pixels.height);
    context.putImageData(new ImageData(addAlpha(pixels), pixels.width), 0, 0);
    const type = format === 'png' ? 'image/png' : 'image/jpeg';
    const blob = await context.canvas.convertToBlob({ type, quality });
    return new Uint8Array(await blob.arrayBuffer());
  },
};

/** Draws an image over white and reads its pixels. */
export function canvasPixels(image: CanvasImageSource, width: number, height: number): Pixels {
  const context = contextOf(width, height);
  context.fillStyle = 'white';
  context.fillRect(0, 0, width, height);
  context.drawImage(image, 0, 0);
  return { width, height, data: dropAlpha(context.getImageData(0, 0, width, height).data) };
}

function dropAlpha(rgba: Uint8ClampedArray): Uint8Array {
  const out = new Uint8Array((rgba.length / 4) * 3);
  for (let from = 0, to = 0; from < rgba.length; from += 4, to += 3) {
    out[to] = rgba[from]!;
    out[to + 1] = rgba[from + 1]!;
    out[to + 2] = rgba[from + 2]!;
  }
  return out;
}

function contextOf(width: number, height: number): OffscreenCanvasRenderingContext2D {
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  if (!context) {
    throw new MediaError(`A canvas of ${width}x${height} could not be had from this browser.`);
  }
  return context;
}
