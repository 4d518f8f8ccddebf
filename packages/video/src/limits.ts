import { MediaError } from '@od-vae/core/base';

/** The longest side of a picture, in pixels, that is read or written. */
export const MAX_SIDE = 16_384;

/** The most pixels of one picture that is read or written: 8192 x 8192. */
export const MAX_PIXELS = 2 ** 26;

/** The most bytes of a file that has to be held in memory whole (a GIF, an image). */
export const MAX_WHOLE_FILE = 2 ** 29;

/** Refuses a picture size that no video has, before memory is taken for it. */
export function checkSize(who: string, width: number, height: number): void {
  const sides = Number.isInteger(width) && Number.isInteger(height) && width >= 1 && height >= 1;
  if (!sides || width > MAX_SIDE || height > MAX_SIDE || width * height > MAX_PIXELS) {
    throw new MediaError(
      `${who}: a frame may have 1 to ${MAX_SIDE} pixels a side and ${MAX_PIXELS} in all, but the size is ${width}x${height}.`,
    );
  }
}
