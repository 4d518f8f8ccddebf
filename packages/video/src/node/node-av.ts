import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

/** Name of the package that brings codecs to Node; it is the user's to install. */
export const SERVER = '@mediabunny/server';

/** A frame of FFmpeg, as node-av holds it. */
export interface AvFrame {
  format: number;
  width: number;
  height: number;
  sampleAspectRatio: unknown;
  alloc(): void;
  /** Points at the buffer; does not keep it alive. */
  fromBuffer(buffer: Buffer): number;
  /** Copies what the frame points at into memory of its own. */
  makeWritable(): number;
}

/** The parts of node-av this package calls. */
export interface NodeAv {
  readonly Frame: new () => AvFrame;
  readonly Rational: new (numerator: number, denominator: number) => unknown;
  readonly Log: { setLevel(level: number): void };
  readonly AV_LOG_QUIET: number;
  readonly AV_PIX_FMT_YUV420P: number;
}

/** The node-av that @mediabunny/server itself uses. */
export async function loadNodeAv(): Promise<NodeAv> {
  const serverPath = createRequire(import.meta.url).resolve(SERVER);
  const path = createRequire(serverPath).resolve('node-av');
  return (await import(/* @vite-ignore */ pathToFileURL(path).href)) as NodeAv;
}
