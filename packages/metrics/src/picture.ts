import { ConfigError, ShapeError } from '@od-vae/core/base';

/** A frame as plain numbers, grey or RGB: row by row from the top left, the channels of a pixel side by side. */
export interface Picture {
  readonly data: ArrayLike<number>;
  readonly width: number;
  readonly height: number;
}

/** How two pictures are compared. */
export interface PictureOptions {
  /** The value of full brightness, with 0 for black; by default 255 for 8-bit arrays and 1 for all others. */
  readonly white?: number | undefined;
}

/** Two pictures of one size, with the factors that bring their values to [0, 1]. */
export interface PicturePair {
  readonly a: Picture;
  readonly b: Picture;
  readonly scaleA: number;
  readonly scaleB: number;
  readonly channels: number;
}

/** Refuses pictures that cannot be compared: of different sizes, or neither grey nor RGB. */
export function pairOf(caller: string, a: Picture, b: Picture, { white }: PictureOptions): PicturePair {
  const channels = channelsOf(caller, a);
  if (a.width !== b.width || a.height !== b.height || channels !== channelsOf(caller, b)) {
    throw new ShapeError(
      `${caller}: both pictures must have one size, but one of ${sizeText(a)} and one of ${sizeText(b)}.`,
    );
  }
  if (white !== undefined && !(white > 0 && Number.isFinite(white))) {
    throw new ConfigError(`${caller}: white must be a positive number, but is ${white}.`);
  }
  return { a, b, channels, scaleA: 1 / (white ?? whiteOf(a.data)), scaleB: 1 / (white ?? whiteOf(b.data)) };
}

function channelsOf(caller: string, picture: Picture): number {
  const { data, width, height } = picture;
  const isSize = Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0;
  const channels = data.length / (width * height);
  if (!isSize || (channels !== 1 && channels !== 3)) {
    throw new ShapeError(
      `${caller}: a picture must have 1 or 3 values for each pixel, but one of ${sizeText(picture)}.`,
    );
  }
  return channels;
}

function sizeText({ data, width, height }: Picture): string {
  return `${width} by ${height} has ${data.length} values`;
}

function whiteOf(data: ArrayLike<number>): number {
  return data instanceof Uint8Array || data instanceof Uint8ClampedArray ? 255 : 1;
}
