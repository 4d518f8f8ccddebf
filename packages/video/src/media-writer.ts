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
import { mendAvcRecord } from './avc-record.ts';
import { bytesOf } from './bytes-of.ts';
import { type ContainerFormat, quantizerOf } from './choose-codec.ts';
import type { FrameSink, SinkOptions } from './frame-sink.ts';
import { type ByteRange, mp4Dates } from './mp4-dates.ts';
import type { MakeSample } from './node/odd-sample.ts';
import { chromaSide } from './planar-picture.ts';
import { rgbToYuv } from './rgb-to-yuv.ts';
import { hasNode } from './runtime.ts';
import type { WritableCodec, WritableTarget, WriteChunk } from './types.ts';
import { type WrittenColor, writtenColor } from './written-color.ts';

/** Bits a pixel where an encoder has no quantizer (VP8, some browsers), at quality 1. */
const BITS_PER_PIXEL = 2;

/** Bytes gathered before they are handed on. */
const CHUNK_SIZE = 2 ** 22;

/** Writes a container with mediabunny's encoders. */
export async function mediaSink(
  target: WritableTarget,
  format: ContainerFormat,
  codec: WritableCodec,
  options: SinkOptions,
): Promise<FrameSink> {
  const { width, height, fps } = options;
  const odd = width % 2 === 1 || height % 2 === 1;
  const writer = target.getWriter();
  const { pipe, watched } = pipeTo(writer);
  // Written again as zeros, so that the same frames give the same bytes at any time.
  const dates: ByteRange[] = [];
  const output = new Output({
    format: outputFormat(format, (moov, position) => dates.push(...mp4Dates(moov, position))),
    target: new StreamTarget(pipe, { chunked: true, chunkSize: CHUNK_SIZE }),
  });
  const color = writtenColor(codec);
  const source = encodingSource(codec, options, color);
  output.addVideoTrack(source, { frameRate: fps });
  await output.start();
  const makeSample = odd && hasNode() ? await (await import('#node/odd-sample')).loadOddSample() : plainSample(color);
  const tagged = hasNode() ? (await import('#node/tagged-encoding')).withColorTags : untagged;
  let count = 0;
  return {
    add: (pixels) =>
      watched(async () => {
        using sample = makeSample(rgbToYuv(pixels, color.matrix, 1), pixels, {
          timestamp: count / fps,
          duration: 1 / fps,
        });
        await tagged(color, () => source.add(sample));
        count += 1;
      }),
    finish: () =>
      watched(async () => {
        await output.finalize();
        for (const { position, length } of dates) {
          await writer.write({ type: 'write', data: new Uint8Array(length), position });
        }
        await writer.close();
      }),
    abort: async () => {
      await writer.abort().catch(() => undefined);
      await output.cancel().catch(() => undefined);
    },
  };
}

/**
 * A stream for mediabunny, which closes it even when it gives up, so that closing the target is left to us.
 *
 * `watched` throws the target's own error where mediabunny throws one of its own for it.
 */
function pipeTo(writer: WritableStreamDefaultWriter<WriteChunk>) {
  let cause: unknown;
  const pipe: WritableTarget = new WritableStream({
    write: (chunk) =>
      writer.write(chunk).catch((error: unknown) => {
        cause ??= error;
        throw error;
      }),
  });
  const watched = async (action: () => Promise<void>) => {
    try {
      await action();
    } catch (error) {
      throw cause ?? error;
    }
    if (cause !== undefined) {
      throw cause;
    }
  };
  return { pipe, watched };
}

function encodingSource(
  codec: WritableCodec,
  { width, height, fps, quality, lossless }: SinkOptions,
  { tags }: WrittenColor,
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
        meta.decoderConfig.colorSpace = tags;
        const { description } = meta.decoderConfig;
        if (codec === 'avc' && description) meta.decoderConfig.description = mendAvcRecord(bytesOf(description));
      }
    },
  });
}

/** Browsers' encoders take the tags from the samples. */
const untagged = (_color: WrittenColor, work: () => Promise<void>) => work();

const plainSample =
  ({ tags }: WrittenColor): MakeSample =>
  (i420, { width, height }, times) => {
    const stride = chromaSide(width, 1);
    const chroma = stride * chromaSide(height, 1);
    return new VideoSample(i420, {
      format: 'I420',
      codedWidth: width,
      codedHeight: height,
      ...times,
      colorSpace: tags,
      layout: [
        { offset: 0, stride: width },
        { offset: width * height, stride },
        { offset: width * height + chroma, stride },
      ],
    });
  };

function outputFormat(format: ContainerFormat, onMoov: (data: Uint8Array, position: number) => unknown): OutputFormat {
  switch (format) {
    case 'mp4':
      return new Mp4OutputFormat({ fastStart: false, onMoov });
    case 'mov':
      return new MovOutputFormat({ fastStart: false, onMoov });
    case 'mkv':
      return new MkvOutputFormat();
    default:
      return new WebMOutputFormat();
  }
}
