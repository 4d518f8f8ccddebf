import type { Pixels } from './picture.ts';

/** Where checked frames of one size go, in order; one implementation a format. */
export interface FrameSink {
  add(pixels: Pixels): Promise<void>;
  finish(): Promise<void>;
  /** Leaves nothing behind; called once, instead of `finish` or after it failed. */
  abort(): Promise<void>;
}

/** What every format needs to know of the frames that will come. */
export interface SinkOptions {
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  /** 0 to 1. */
  readonly quality: number;
  readonly lossless: boolean;
}
