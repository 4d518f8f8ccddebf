import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { MediaError } from '@od-vae/core/base';
import { type Picture, type Pixels, type PictureSource, simplePicture } from '../picture.ts';
import { chromaSide, unpackPlanes } from '../planar-picture.ts';
import { rotatePixels } from '../rotate-pixels.ts';
import { yuvToRgb } from '../yuv-to-rgb.ts';
import { type FfmpegProbe, probeWithFfmpeg, RGB_FORMAT } from './ffmpeg-probe.ts';
import { type FfmpegTools, inputArguments } from './ffmpeg-tools.ts';
import { watchChild } from './watch-child.ts';

/** A pixel format to ask ffmpeg for, and how its bytes become RGB. */
interface RawFormat {
  readonly name: string;
  readonly frameBytes: number;
  toRgb(data: Uint8Array): Pixels;
}

const CHROMA_SHIFTS: Readonly<Record<string, readonly [number, number]>> = {
  '420': [1, 1],
  '422': [1, 0],
  '444': [0, 0],
  '440': [0, 1],
  '411': [2, 0],
};

/** Reads a file through the `ffmpeg` on PATH: raw planes through a pipe, converted here. */
export async function openWithFfmpeg(path: string, name: string, tools: FfmpegTools): Promise<PictureSource> {
  const probe = await probeWithFfmpeg(path, name);
  const running = new Set<ReturnType<typeof startDecoder>>();
  return {
    info: probe.info,
    pictures: () => readPictures(path, name, probe, tools, running),
    close: async () => running.forEach((child) => child.kill()),
  };
}

async function* readPictures(
  path: string,
  name: string,
  probe: FfmpegProbe,
  tools: FfmpegTools,
  running: Set<ReturnType<typeof startDecoder>>,
): AsyncGenerator<Picture, void, undefined> {
  const raw = rawFormat(probe);
  const child = startDecoder(path, raw.name, tools);
  running.add(child);
  const { exit, complaint } = watchChild(child);
  const { fps, rotation } = probe.info;
  let count = 0;
  try {
    for await (const data of pieces(child.stdout, raw.frameBytes)) {
      yield simplePicture(probe.timestamps[count] ?? count / fps, undefined, () =>
        rotatePixels(raw.toRgb(data), rotation),
      );
      count += 1;
    }
    if ((await exit) !== 0) {
      throw new MediaError(
        `openVideo: ${name} could not be decoded by ffmpeg past frame ${count}: ${complaint() || 'it ended without a word'}.`,
      );
    }
  } finally {
    child.kill();
    running.delete(child);
  }
}

function startDecoder(
  path: string,
  pixelFormat: string,
  tools: FfmpegTools,
): ChildProcessByStdio<null, Readable, Readable> {
  return spawn(
    'ffmpeg',
    [
      '-nostdin',
      '-v',
      'error',
      '-noautorotate',
      // Without these, ffmpeg paints over what it cannot decode and ends as if nothing had been wrong.
      '-xerror',
      '-err_detect',
      'crccheck+explode',
      ...inputArguments(path),
      '-map',
      '0:V:0',
      ...tools.everyFrame,
      '-f',
      'rawvideo',
      '-pix_fmt',
      pixelFormat,
      'pipe:1',
    ],
    { stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true },
  );
}

/** Cuts a stream into pieces of one size; a remainder is dropped. */
async function* pieces(stream: Readable, size: number): AsyncGenerator<Uint8Array, void, undefined> {
  let piece = new Uint8Array(size);
  let filled = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    for (let used = 0; used < chunk.length;) {
      const part = chunk.subarray(used, used + size - filled);
      piece.set(part, filled);
      filled += part.length;
      used += part.length;
      if (filled === size) {
        yield piece;
        piece = new Uint8Array(size);
        filled = 0;
      }
    }
  }
}

/** The stored format where we read it; RGB formats as `rgb24`, the rest as `yuv444p`. */
function rawFormat({ codedWidth: width, codedHeight: height, pixelFormat, info }: FfmpegProbe): RawFormat {
  if (RGB_FORMAT.test(pixelFormat)) {
    return { name: 'rgb24', frameBytes: width * height * 3, toRgb: (data) => ({ width, height, data }) };
  }
  const known = /^(?:yuvj?(420|422|444|440|411)p|gray)(?:(10|12|14|16)le)?$/.exec(pixelFormat);
  const grey = pixelFormat.startsWith('gray') && known !== null;
  const chromaShift = CHROMA_SHIFTS[known?.[1] ?? '444'] ?? [0, 0];
  const bits = Number(known?.[2] ?? 8);
  const chroma = grey ? 0 : 2 * chromaSide(width, chromaShift[0]) * chromaSide(height, chromaShift[1]);
  return {
    name: known ? pixelFormat : 'yuv444p',
    frameBytes: (width * height + chroma) * (bits > 8 ? 2 : 1),
    toRgb: (data) => {
      const samples = bits > 8 ? new Uint16Array(data.buffer) : data;
      return yuvToRgb(unpackPlanes(samples, { width, height, bits, chromaShift, grey }), info.colour);
    },
  };
}
