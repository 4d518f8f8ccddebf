import { MediaError } from '@od-vae/core/base';
import { chooseCodec } from './choose-codec.ts';
import { chooseFormat } from './choose-format.ts';
import type { FrameSink, SinkOptions } from './frame-sink.ts';
import { gifFormat } from './gif-writer.ts';
import { imageSink } from './image-writer.ts';
import { type MediaEngines, missingEngines } from './media-engines.ts';
import { mediaSink } from './media-writer.ts';
import { hasNode } from './runtime.ts';
import { parseSequencePattern } from './sequence-pattern.ts';
import { type SequentialFormat, streamSink } from './stream-sink.ts';
import type { WritableTarget, WriterOptions } from './types.ts';
import { y4mFormat } from './y4m-writer.ts';

/** Opens the sink of a target's format; nothing remains of a target that cannot be opened. */
export async function openSink(
  target: string | WritableTarget,
  options: WriterOptions,
  engines: MediaEngines,
): Promise<FrameSink> {
  const format = chooseFormat(target, options.format);
  const settings: SinkOptions = {
    width: options.width,
    height: options.height,
    fps: options.fps,
    quality: options.quality ?? 0.75,
    lossless: options.lossless ?? false,
  };
  switch (format) {
    case 'y4m':
      return sequentialSink(target, y4mFormat(settings));
    case 'gif':
      return sequentialSink(target, gifFormat(settings));
    case 'png':
    case 'jpg':
      return openImages(target, format, settings);
    default:
      return openContainerSink(target, format, chooseCodec(format, options), settings, engines);
  }
}

async function sequentialSink(target: string | WritableTarget, format: SequentialFormat): Promise<FrameSink> {
  return streamSink(await openTarget(target), format);
}

async function openImages(
  target: string | WritableTarget,
  format: 'png' | 'jpg',
  settings: SinkOptions,
): Promise<FrameSink> {
  if (typeof target === 'string' && hasNode()) {
    const { isFolder, sequenceSink } = await import('#node/sequence-writer');
    const folder = /[/\\]$/.test(target) || (await isFolder(target));
    if (folder || parseSequencePattern(target)) {
      const pattern = folder ? `${target.replace(/[/\\]$/, '')}/frame-%05d.${format}` : target;
      return sequenceSink(pattern, format, settings);
    }
  }
  return imageSink(await openTarget(target), format, settings);
}

async function openContainerSink(
  target: string | WritableTarget,
  format: Parameters<typeof mediaSink>[1],
  codec: Parameters<typeof mediaSink>[2],
  settings: SinkOptions,
  engines: MediaEngines,
): Promise<FrameSink> {
  if ((await engines.loadServer()) || !hasNode()) {
    return mediaSink(await openTarget(target), format, codec, settings);
  }
  if (!(await engines.findFfmpeg())) {
    throw missingEngines(`createVideoWriter: ${format}`);
  }
  if (typeof target !== 'string') {
    throw new MediaError(`createVideoWriter: ffmpeg writes ${format} to a path only, but the target is a stream.`);
  }
  const { ffmpegSink } = await import('#node/ffmpeg-writer');
  return ffmpegSink(target, format, codec, settings);
}

async function openTarget(target: string | WritableTarget): Promise<WritableTarget> {
  if (typeof target !== 'string') {
    return target;
  }
  if (!hasNode()) {
    throw new MediaError(`createVideoWriter: a browser cannot write to "${target}"; pass a writable stream.`);
  }
  return (await import('#node/file-target')).openFileTarget(target);
}
