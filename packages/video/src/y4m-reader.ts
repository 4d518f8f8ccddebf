import { MediaError } from '@od-vae/core/base';
import type { ByteSource } from './byte-source.ts';
import { storedColor } from './color-tags.ts';
import { checkSize } from './limits.ts';
import { type Picture, type PictureSource, simplePicture } from './picture.ts';
import { unpackPlanes } from './planar-picture.ts';
import { squareSize } from './square-size.ts';
import type { Colour } from './types.ts';
import { MAX_HEADER, parseY4mHeader, type Y4mHeader } from './y4m-header.ts';
import { yuvToRgb } from './yuv-to-rgb.ts';

/** Opens a YUV4MPEG2 file; it has no tag for the matrix, so BT.709 is assumed from 720 rows up, BT.601 below. */
export async function openY4m(bytes: ByteSource): Promise<PictureSource> {
  const line = await readLine(bytes, 0);
  const header = parseY4mHeader(line, bytes.name);
  const tag = { matrix: undefined, fullRange: header.range === 'full' };
  const colour = storedColor(tag, { grey: header.grey, rgb: false }, header.height, bytes.name);
  const start = line.length + 1;
  const shown = squareSize(header.width, header.height, header.pixelAspect);
  checkSize(`openVideo: ${bytes.name}`, shown.width, shown.height);
  // A frame's line may carry tags, which then are the same length throughout.
  const frameLine = bytes.size > start ? (await readLine(bytes, start)).length + 1 : 1;
  const frameCount = Math.floor((bytes.size - start) / (header.frameBytes + frameLine));
  return {
    info: {
      ...shown,
      fps: header.fps,
      // The length of a stream is not known.
      frameCount: Number.isFinite(frameCount) ? frameCount : undefined,
      duration: Number.isFinite(frameCount) ? frameCount / header.fps : undefined,
      codec: 'rawvideo',
      container: 'y4m',
      rotation: 0,
      colour,
    },
    pictures: () => readFrames(bytes, header, colour, start, frameCount),
    close: () => bytes.close(),
  };
}

async function* readFrames(
  bytes: ByteSource,
  header: Y4mHeader,
  colour: Colour,
  start: number,
  frameCount: number,
): AsyncGenerator<Picture, void, undefined> {
  let position = start;
  let index = 0;
  for (; position < bytes.size; index += 1) {
    const line = await readLine(bytes, position);
    if (!/^FRAME(?: |$)/.test(line)) {
      throw new MediaError(`openVideo: ${bytes.name} has no FRAME line at byte ${position}, after ${index} frames.`);
    }
    position += line.length + 1;
    const data = await bytes.read(position, header.frameBytes);
    if (data.length < header.frameBytes) {
      throw new MediaError(
        `openVideo: ${bytes.name} ends early: ${index} frames were readable, the next has ${data.length} of ${header.frameBytes} bytes.`,
      );
    }
    position += header.frameBytes;
    yield simplePicture(index / header.fps, 1 / header.fps, () =>
      yuvToRgb(unpackPlanes(header.bits > 8 ? words(data, header.bits, bytes.name) : data, header), colour),
    );
  }
  if (Number.isFinite(frameCount) && index !== frameCount) {
    throw new MediaError(`openVideo: ${bytes.name} has the size of ${frameCount} frames, but ${index} came.`);
  }
}

async function readLine(bytes: ByteSource, position: number): Promise<string> {
  const head = await bytes.read(position, MAX_HEADER);
  const end = head.indexOf(0x0a);
  if (end < 0) {
    throw new MediaError(
      head.length < MAX_HEADER
        ? `openVideo: ${bytes.name} ends early, within the line at byte ${position}.`
        : `openVideo: ${bytes.name} has a line of more than ${MAX_HEADER} bytes at byte ${position}.`,
    );
  }
  return String.fromCharCode(...head.subarray(0, end));
}

/** Little-endian samples; a copy, as a part of a larger buffer may start at an odd byte. */
function words(data: Uint8Array, bits: number, name: string): Uint16Array {
  const samples = new Uint16Array(data.slice().buffer);
  const most = 2 ** bits - 1;
  const wrong = samples.find((sample) => sample > most);
  if (wrong !== undefined) {
    throw new MediaError(`openVideo: ${name} has samples of ${bits} bits, at most ${most}, but one is ${wrong}.`);
  }
  return samples;
}
