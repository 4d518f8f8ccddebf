import type { Pixels } from './picture.ts';
import { hasNode } from './runtime.ts';

/** Reads and writes still images. */
export interface ImageCodec {
  /** Upright RGB pixels in sRGB; transparent ones are laid over white. */
  decode(data: Uint8Array, name: string): Promise<Pixels & { readonly format: string }>;
  /** @param quality 0 to 1, for `jpg` */
  encode(pixels: Pixels, format: 'png' | 'jpg', quality: number): Promise<Uint8Array<ArrayBuffer>>;
}

/** The image codec of this machine: sharp in Node, the canvas in browsers. */
export async function loadImageCodec(): Promise<ImageCodec> {
  return hasNode()
    ? (await import('#node/sharp-codec')).loadSharpCodec()
    : (await import('./canvas-codec.ts')).canvasCodec;
}
