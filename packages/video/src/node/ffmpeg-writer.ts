import { type ChildProcessByStdio, spawn } from 'node:child_process';
import * as fs from 'node:fs/promises';
import type { Readable, Writable } from 'node:stream';
import { MediaError } from '@od-vae/core/base';
import { type ContainerFormat, quantizerOf } from '../choose-codec.ts';
import type { FrameSink, SinkOptions } from '../frame-sink.ts';
import type { Pixels } from '../picture.ts';
import { toRational } from '../rational.ts';
import { rgbToYuv } from '../rgb-to-yuv.ts';
import { targetError } from '../target-error.ts';
import type { WritableCodec } from '../types.ts';
import { writtenColor } from '../written-color.ts';
import { listEncoders } from './ffmpeg-tools.ts';
import { prepareTarget } from './file-target.ts';
import { watchChild } from './watch-child.ts';

const MUXERS: Readonly<Record<ContainerFormat, string>> = { mp4: 'mp4', mov: 'mov', mkv: 'matroska', webm: 'webm' };

/** Encoders of each codec, best first. */
const ENCODERS: Readonly<Record<WritableCodec, readonly string[]>> = {
  avc: ['libx264'],
  hevc: ['libx265'],
  vp8: ['libvpx'],
  vp9: ['libvpx-vp9'],
  av1: ['libsvtav1', 'libaom-av1'],
};

/** The codecs that the `ffmpeg` on PATH can write. */
export async function writableCodecs(): Promise<WritableCodec[]> {
  const available = await listEncoders();
  const codecs = Object.keys(ENCODERS) as WritableCodec[];
  return codecs.filter((codec) => ENCODERS[codec].some((name) => available.has(name)));
}

/** Writes a container through the `ffmpeg` on PATH: raw 4:2:0 through a pipe, beside its place first. */
export async function ffmpegSink(
  path: string,
  format: ContainerFormat,
  codec: WritableCodec,
  options: SinkOptions,
): Promise<FrameSink> {
  if (codec === 'vp8' && (format === 'mp4' || format === 'mov')) {
    throw new MediaError(
      `createVideoWriter: ffmpeg cannot write vp8 into ${format}: use webm or mkv, or install @mediabunny/server.`,
    );
  }
  const temporary = await prepareTarget(path);
  const available = await listEncoders();
  const encoder = chooseEncoder(codec, options, available);
  if (!encoder) {
    throw new MediaError(
      `createVideoWriter: this ffmpeg has no encoder for ${codec} (${ENCODERS[codec].join(' or ')}).`,
    );
  }
  const child = spawn('ffmpeg', encoderArguments(temporary, format, codec, encoder, options), {
    stdio: ['pipe', 'ignore', 'pipe'],
    windowsHide: true,
  });
  return childSink(child, temporary, path, (pixels) => rgbToYuv(pixels, writtenColor(codec).matrix, 1));
}

/** SVT-AV1 refuses sides below 64 pixels, and older versions refuse odd ones. */
function chooseEncoder(
  codec: WritableCodec,
  { width, height }: SinkOptions,
  available: ReadonlySet<string>,
): string | undefined {
  const names = ENCODERS[codec].filter((name) => available.has(name));
  const special = Math.min(width, height) < 64 || width % 2 === 1 || height % 2 === 1;
  return (special ? names.find((name) => name !== 'libsvtav1') : undefined) ?? names[0];
}

/** Options of constant quality; libvpx's VP8 has no such mode, so its quantizer is held at one value. */
function qualityOptions(codec: WritableCodec, quantizer: string): string[] {
  switch (codec) {
    case 'avc':
      return ['-qp', quantizer];
    case 'vp8':
      return ['-qmin', quantizer, '-qmax', quantizer, '-b:v', '1000M'];
    default:
      return ['-crf', quantizer, '-b:v', '0'];
  }
}

/** Feeds a running encoder, and moves its file in place when it is done. */
function childSink(
  child: ChildProcessByStdio<Writable, null, Readable>,
  temporary: string,
  path: string,
  toYuv: (pixels: Pixels) => Uint8Array,
): FrameSink {
  const { exit, complaint } = watchChild(child);
  // The pipe breaks when the encoder ends early; why it did is in what it said.
  child.stdin.on('error', () => undefined);
  const failed = () =>
    targetError(`"${path}"`, /no space left/i.test(complaint()) ? { code: 'ENOSPC' } : { message: complaint() });
  return {
    add: async (pixels) => {
      const accepted = child.stdin.writable && child.stdin.write(toYuv(pixels));
      if (!accepted) {
        await Promise.race([exit, new Promise((resolve) => child.stdin.once('drain', resolve))]);
      }
      if (!child.stdin.writable) {
        await exit;
        throw failed();
      }
    },
    finish: async () => {
      child.stdin.end();
      if ((await exit) !== 0) {
        throw failed();
      }
      await fs.rename(temporary, path);
    },
    abort: async () => {
      child.kill('SIGKILL');
      await exit;
      await fs.rm(temporary, { force: true });
    },
  };
}

function encoderArguments(
  path: string,
  format: ContainerFormat,
  codec: WritableCodec,
  encoder: string,
  { width, height, fps, quality, lossless }: SinkOptions,
): string[] {
  const rate = toRational(fps).join('/');
  const quantizer = String(quantizerOf(codec, quality, lossless));
  const input = ['-f', 'rawvideo', '-pix_fmt', 'yuv420p', '-video_size', `${width}x${height}`, '-framerate', rate];
  const colour = [
    '-colorspace',
    writtenColor(codec).tags.matrix,
    '-color_primaries',
    'bt709',
    '-color_trc',
    'bt709',
    '-color_range',
    'tv',
  ];
  const tagged = format === 'mp4' || format === 'mov' ? ['-movflags', '+write_colr'] : [];
  return [
    '-nostdin',
    '-v',
    'error',
    '-y',
    ...colour,
    ...input,
    '-i',
    'pipe:0',
    '-c:v',
    encoder,
    ...qualityOptions(codec, quantizer),
    ...(codec === 'vp9' && lossless ? ['-lossless', '1'] : []),
    ...(codec === 'hevc' ? ['-x265-params', 'log-level=error', '-tag:v', 'hvc1'] : []),
    '-pix_fmt',
    'yuv420p',
    ...colour,
    ...tagged,
    // Neither dates nor numbers drawn by chance, so that the same frames give the same bytes.
    '-fflags',
    '+bitexact',
    '-f',
    MUXERS[format],
    `file:${path}`,
  ];
}
