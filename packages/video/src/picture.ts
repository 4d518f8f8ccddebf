import type { VideoInfo } from './types.ts';

/** An RGB picture, 3 bytes a pixel, row by row. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** A frame that is only turned into pixels when somebody wants them; `release` it either way. */
export interface Picture {
  /** Seconds on the file's clock. */
  readonly timestamp: number;
  /** Seconds until the next frame, where the file says so. */
  readonly duration: number | undefined;
  /** Upright RGB pixels; where the file's pixels are not square, neither are these. */
  pixels(): Promise<Pixels>;
  release(): void;
}

/** A file that one of the formats reads: what it is, and its pictures in the order they are shown. */
export interface PictureSource {
  readonly info: VideoInfo;
  pictures(): AsyncGenerator<Picture, void, undefined>;
  close(): Promise<void>;
}

/** A picture whose pixels are at hand or cost nothing to drop. */
export function simplePicture(
  timestamp: number,
  duration: number | undefined,
  pixels: () => Pixels | Promise<Pixels>,
): Picture {
  return { timestamp, duration, pixels: async () => pixels(), release: () => undefined };
}
