import { MediaError } from '@od-vae/core';
import {
  MkvOutputFormat,
  MovOutputFormat,
  Mp4OutputFormat,
  Output,
  type OutputFormat,
  Quality,
  StreamTarget,
  VideoSample,
  VideoSampleSource,
  WebMOutputFormat,
} from 'mediabunny';
import { type ContainerFormat, quantizerOf } from './choose-codec.ts';
import type { FrameSink, SinkOptions } from './frame-sink.ts';
import type { Pixels } from './picture.ts';
import { chromaSide } from './planar-picture.ts';
import { rgbToYuv } from './rgb-to-yuv.ts';
import type { WritableCodec, WritableTarget } from './types.ts';

/** How everything written here is coded and tagged. */
const BT709 = { primaries: 'bt709', transfer: 'bt709', matrix: 'bt709', fullRange: false } as const;

/** Bits a pixel where an encoder has no quantizer (VP8, some browsers), at quality 1. */
const BITS_PER_PIXEL = 1;

/** Bytes gathered before they are handed on. */
const CHUNK_SIZE = 2 ** 22;

/** Writes a container with mediabunny's encoders. */
export async function mediaSink(
  target: WritableTarget,
  format: ContainerFormat,
  codec: WritableCodec,
  options: SinkOptions,
): Promise<FrameSink> {
  const { fps } = options;
  const failure = watchFailure(target);
  const output = new Output({
    format: outputFormat(format),
    target: new StreamTarget(failure.target, { chunked: true, chunkSize: CHUNK_SIZE }),
  });
  const source = encodingSource(codec, options);
  output.addVideoTrack(source, { frameRate: fps });
  await output.start();
  let count = 0;
  return {
    add: (pixels) =>
      failure.watched(async () => {
        using sample = makeSample(pixels, count / fps, 1 / fps);
        await source.add(sample);
        count += 1;
      }),
    finish: () => failure.watched(() => output.finalize()),
    abort: async () => {
      await output.cancel().catch(() => undefined);
      await failure.target.abort().catch(() => undefined);
    },
  };
}

/** Keeps the target's own error, which mediabunny replaces by one of its own. */
function watchFailure(target: WritableTarget) {
  const writer = target.getWriter();
  let cause: unknown;
  return {
    target: new WritableStream({
      write: async (chunk) => {
        await writer.write(chunk).catch((error: unknown) => {
          cause ??= error;
          throw error;
        });
      },
      close: () => writer.close(),
      abort: (reason) => writer.abort(reason),
    }) as WritableTarget,
    watched: async (action: () => Promise<void>) => {
      try {
        await action();
      } catch (error) {
        throw cause ?? error;
      }
      if (cause !== undefined) {
        throw cause;
      }
    },
  };
}

function encodingSource(
  codec: WritableCodec,
  { width, height, fps, quality, lossless }: SinkOptions,
): VideoSampleSource {
  const bitrate = Math.max(100_000, Math.round(width * height * fps * BITS_PER_PIXEL * Math.max(0.05, quality ** 3)));
  const quantizer = codec === 'vp8' ? {} : { quantizer: quantizerOf(codec, quality, lossless) };
  return new VideoSampleSource({
    codec,
    quality: new Quality(lossless ? quantizer : { ...quantizer, bitrate }),
    hardwareAcceleration: 'prefer-software',
    latencyMode: 'quality',
    keyFrameInterval: 2,
    onEncodedPacket: (_packet, meta) => {
      if (meta?.decoderConfig) {
        meta.decoderConfig.colorSpace = BT709;
      }
    },
  });
}

/** mediabunny 1.61 cannot copy odd planes of halved chroma, so odd sizes are handed over in full chroma. */
function makeSample(pixels: Pixels, timestamp: number, duration: number): VideoSample {
  const { width, height } = pixels;
  const odd = width % 2 === 1 || height % 2 === 1;
  const data = rgbToYuv(pixels, 'bt709', odd ? 0 : 1);
  const stride = chromaSide(width, odd ? 0 : 1);
  const chroma = stride * chromaSide(height, odd ? 0 : 1);
  return new VideoSample(data, {
    format: odd ? 'I444' : 'I420',
    codedWidth: width,
    codedHeight: height,
    timestamp,
    duration,
    colorSpace: BT709,
    layout: [
      { offset: 0, stride: width },
      { offset: width * height, stride },
      { offset: width * height + chroma, stride },
    ],
  });
}

function outputFormat(format: ContainerFormat): OutputFormat {
  switch (format) {
    case 'mp4':
      return new Mp4OutputFormat({ fastStart: false });
    case 'mov':
      return new MovOutputFormat({ fastStart: false });
    case 'mkv':
      return new MkvOutputFormat();
    case 'webm':
      return new WebMOutputFormat();
    default:
      throw new MediaError(`createVideoWriter: ${format satisfies never} is no container.`);
  }
}
