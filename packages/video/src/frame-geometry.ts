import { ConfigError } from '@od-vae/core/base';
import { MAX_SIDE } from './limits.ts';
import type { Pixels } from './picture.ts';
import { resizePixels } from './resize-pixels.ts';
import type { ReadOptions } from './types.ts';

/** How a picture is resized, and the part of it that is kept. */
export interface FrameGeometry {
  readonly resized: { readonly width: number; readonly height: number };
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Plans resize and centre crop for pictures that are shown `width` x `height`. */
export function planGeometry(
  { width, height }: { readonly width: number; readonly height: number },
  { shortSide, crop, multipleOf = 1 }: Pick<ReadOptions, 'shortSide' | 'crop' | 'multipleOf'>,
): FrameGeometry {
  const resized = resizedSize(width, height, shortSide);
  const wanted = crop === 'square' ? squareOf(resized) : (crop ?? resized);
  checkWhole('crop', wanted.width);
  checkWhole('crop', wanted.height);
  checkWhole('multipleOf', multipleOf);
  if (wanted.width > resized.width || wanted.height > resized.height) {
    throw new ConfigError(
      `openVideo: crop needs at least ${wanted.width}x${wanted.height}, but the frames are ${resized.width}x${resized.height}${shortSide === undefined ? '' : ' after the resize'}.`,
    );
  }
  const kept = {
    width: wanted.width - (wanted.width % multipleOf),
    height: wanted.height - (wanted.height % multipleOf),
  };
  if (kept.width === 0 || kept.height === 0) {
    throw new ConfigError(
      `openVideo: multipleOf ${multipleOf} needs sides of at least ${multipleOf}, but the frames are ${wanted.width}x${wanted.height}.`,
    );
  }
  return {
    resized,
    ...kept,
    left: halfToEven(resized.width - kept.width),
    top: halfToEven(resized.height - kept.height),
  };
}

/** Applies a plan to one picture. */
export function applyGeometry(pixels: Pixels, geometry: FrameGeometry): Pixels {
  const resized = resizePixels(pixels, geometry.resized.width, geometry.resized.height);
  const { left, top, width, height } = geometry;
  if (width === resized.width && height === resized.height) {
    return resized;
  }
  const data = new Uint8Array(width * height * 3);
  for (let row = 0; row < height; row += 1) {
    const from = 3 * ((top + row) * resized.width + left);
    data.set(resized.data.subarray(from, from + 3 * width), row * 3 * width);
  }
  return { width, height, data };
}

/** The longer side is rounded down, as torchvision's `Resize` does. */
function resizedSize(width: number, height: number, shortSide: number | undefined) {
  if (shortSide === undefined) {
    return { width, height };
  }
  checkWhole('shortSide', shortSide);
  return width <= height
    ? { width: shortSide, height: Math.floor((shortSide * height) / width) }
    : { width: Math.floor((shortSide * width) / height), height: shortSide };
}

function squareOf({ width, height }: { readonly width: number; readonly height: number }) {
  const side = Math.min(width, height);
  return { width: side, height: side };
}

/** Half of a whole number, halves to the even neighbour, as torchvision's `CenterCrop` places its cut. */
function halfToEven(value: number): number {
  const half = Math.floor(value / 2);
  return value % 2 === 1 && half % 2 === 1 ? half + 1 : half;
}

function checkWhole(name: string, value: number): void {
  if (!Number.isInteger(value) || value < 1 || value > MAX_SIDE) {
    throw new ConfigError(`openVideo: ${name} must be a whole number from 1 to ${MAX_SIDE}, but is ${value}.`);
  }
}
