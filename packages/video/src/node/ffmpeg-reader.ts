import type { Readable } from 'node:stream';
import { MediaError } from '@od-vae/core/base';
import { type Picture, type Pixels, type PictureSource, simplePicture } from '../picture.ts';
import { chromaSide, type PlaneSamples, unpackPlanes } from '../planar-picture.ts';
import { rgbaToRgb } from '../rgba-to-rgb.ts';
import { rotatePixels } from '../rotate-pixels.ts';
import { yuvToRgb } from '../yuv-to-rgb.ts';
import { type Decoder, startDecoder } from './ffmpeg-decoder.ts';
import { type FfmpegProbe, probeWithFfmpeg } from './ffmpeg-probe.ts';
import { EXACT_CROPPING } from './first-frame.ts';
import type { FfmpegTools } from './ffmpeg-tools.ts';
import type { RawFormat } from './raw-format.ts';

/** Reads a file through the `ffmpeg` on PATH: raw planes through a pipe, converted here. */
export async function openWithFfmpeg(path: string, name: string, tools: FfmpegTools): Promise<PictureSource> {
  const probe = await probeWithFfmpeg(path, name, tools);
  const running = new Set<Decoder>();
  return {
    info: probe.info,
    pictures: () => readPictures(path, name, probe, tools, running),
    close: async () => running.forEach((decoder) => decoder.kill()),
  };
}

async function* readPictures(
  path: string,
  name: string,
  probe: FfmpegProbe,
  tools: FfmpegTools,
  running: Set<Decoder>,
): AsyncGenerator<Picture, void, undefined> {
  const { raw, orientation, info, codedWidth, codedHeight } = probe;
  const child = startDecoder(path, tools, {
    decoder: raw.decoder,
    isCut: probe.isCut,
    inputOptions: [...EXACT_CROPPING, ...(probe.cropsContainer ? ['-apply_cropping', 'codec'] : [])],
    filters: pixelFilters(probe),
    output: ['-f', 'rawvideo', 'pipe:1'],
  });
  running.add(child);
  let [count, last] = [0, -1 / info.fps];
  try {
    const size = frameSize(raw, codedWidth, codedHeight);
    let isWhole = true;
    for await (const data of pieces(child.output, size)) {
      isWhole = data.length === size;
      if (!isWhole) break;
      const time = (await child.time(count)) ?? last + 1 / info.fps;
      if (count > 0 && time < last) {
        throw new MediaError(
          `openVideo: ${name} must have frames in the order of their times, but one at ${time} s follows one at ${last} s.`,
        );
      }
      yield simplePicture(time, undefined, () =>
        rotatePixels(toRgb(data, probe), orientation.rotation, orientation.flip),
      );
      [count, last] = [count + 1, time];
    }
    if ((await child.exit) !== 0 || (probe.isCut && child.hasFailed())) {
      throw new MediaError(
        `openVideo: ${name} could not be decoded by ffmpeg past frame ${count}: ${child.complaint() || 'it ended without an error message'}.`,
      );
    }
    if (!isWhole) {
      throw new MediaError(
        `openVideo: every frame of ${name} must have ${codedWidth}x${codedHeight} pixels, but ffmpeg gives others.`,
      );
    }
  } finally {
    child.kill();
    running.delete(child);
  }
}

function pixelFilters({ raw, info }: FfmpegProbe): string {
  // Both ranges are named: ffmpeg would convert full range to limited range where only the format changes.
  const range = raw.kind === 'pixels' ? '' : `in_range=${info.colour.range}:out_range=${info.colour.range}:`;
  return `scale=${range}flags=neighbor+accurate_rnd+full_chroma_int,format=${raw.name}`;
}

/** Cuts a stream into pieces of one size; the last one may be shorter. */
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
  if (filled > 0) yield piece.subarray(0, filled);
}

/** Bytes of one frame of a requested format. */
function frameSize({ kind, bits, chromaShift, grey, alpha }: RawFormat, width: number, height: number): number {
  if (kind === 'pixels') {
    return width * height * (alpha ? 4 : 3);
  }
  const chroma = grey ? 0 : 2 * chromaSide(width, chromaShift[0]) * chromaSide(height, chromaShift[1]);
  return (width * height * (alpha ? 2 : 1) + chroma) * (bits > 8 ? 2 : 1);
}

function toRgb(data: Uint8Array, { codedWidth: width, codedHeight: height, raw, info }: FfmpegProbe): Pixels {
  if (raw.kind === 'pixels') {
    return raw.alpha ? rgbaToRgb(data, { width, height }) : { width, height, data };
  }
  const samples = raw.bits > 8 ? new Uint16Array(data.buffer) : data;
  const planes = raw.kind === 'pairs' ? splitPairs(samples) : samples;
  return yuvToRgb(unpackPlanes(planes, { ...raw, width, height }), info.colour);
}

/** Moves every second sample behind the others. */
function splitPairs(samples: PlaneSamples): PlaneSamples {
  const half = samples.length / 2;
  return samples.map((_, index) => samples[index < half ? 2 * index : 2 * (index - half) + 1]!);
}
