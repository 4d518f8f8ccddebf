import { ShapeError } from '@od-vae/core';
import { cast, mul, reshape, sub, Tensor, type Tensor5D, tidy } from '@tensorflow/tfjs-core';

import { clipOfFrames } from './pixels.ts';

/** A picture of 8-bit pixels: RGB as `openVideo` reads it, or RGBA as a canvas gives it (`ImageData`). */
export interface PixelFrame {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array | Uint8ClampedArray;
}

/**
 * Converts pixels of 0 to 255 to a clip for `encode`.
 *
 * @param pixels pictures of one size, whose opacity is ignored; or a tensor `[height, width, 3]` (as
 *   `browser.fromPixels` gives it), `[time, height, width, 3]` or `[batch, time, height, width, 3]` of any type
 * @returns a float32 tensor `[batch, time, height, width, 3]` in [-1, 1]; the caller disposes it
 * @throws ShapeError when the pictures differ in size, or the tensor has another shape
 */
export function clipFromPixels(pixels: readonly PixelFrame[] | Tensor): Tensor5D {
  return pixels instanceof Tensor ? clipOfTensor(pixels) : clipOfPictures(pixels);
}

function clipOfTensor(pixels: Tensor): Tensor5D {
  const { shape } = pixels;
  if (shape.length < 3 || shape.length > 5 || shape.at(-1) !== 3) {
    throw new ShapeError(
      `clipFromPixels: pixels must be [height, width, 3], [time, height, width, 3] or [batch, time, height, width, 3], ` +
        `but are [${shape}].`,
    );
  }
  const ones = Array<number>(5 - shape.length).fill(1);
  return tidy(() => sub(mul(reshape(cast(pixels, 'float32'), [...ones, ...shape]), 2 / 255), 1) as Tensor5D);
}

function clipOfPictures(pictures: readonly PixelFrame[]): Tensor5D {
  const [first] = pictures;
  if (!first) throw new ShapeError('clipFromPixels: there must be at least one picture, but there is none.');
  const { width, height } = first;
  const size = width * height;
  for (const [index, picture] of pictures.entries()) {
    const channels = picture.data.length / size;
    if (picture.width !== width || picture.height !== height || (channels !== 3 && channels !== 4)) {
      throw new ShapeError(
        `clipFromPixels: picture ${index} must have ${width}x${height} pixels of 3 or 4 bytes, ` +
          `but has ${picture.width}x${picture.height} and ${picture.data.length} bytes.`,
      );
    }
  }
  return clipOfFrames(pictures.map(({ data }) => ({ width, height, data: withoutOpacity(data, size) })));
}

/** Returns the RGB bytes of pixels of three or four bytes. */
function withoutOpacity(data: PixelFrame['data'], size: number): PixelFrame['data'] {
  return data.length === size * 3 ? data : data.filter((_, index) => index % 4 !== 3);
}
