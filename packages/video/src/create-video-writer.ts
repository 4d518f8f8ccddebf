import { ConfigError, MediaError, ShapeError } from '@od-vae/core/base';
import type { FrameSink } from './frame-sink.ts';
import { checkSize } from './limits.ts';
import { machineEngines, type MediaEngines } from './media-engines.ts';
import { openSink } from './open-sink.ts';
import { targetError } from './target-error.ts';
import type { Frame, VideoWriter, WritableTarget, WriterOptions } from './types.ts';

/**
 * Opens a video, GIF or image target for writing; the file appears when it is finished, not before.
 *
 * @param engines where codecs come from; this machine's own by default
 * @throws MediaError for an unknown format, a target that cannot be written, or a missing codec
 * @throws ConfigError where an option cannot work
 */
export async function createVideoWriter(
  target: string | WritableTarget,
  options: WriterOptions,
  engines: MediaEngines = machineEngines,
): Promise<VideoWriter> {
  checkOptions(options);
  options.signal?.throwIfAborted();
  const name = typeof target === 'string' ? `"${target}"` : 'the stream';
  return makeWriter(await openSink(target, options, engines), options, name);
}

function makeWriter(sink: FrameSink, options: WriterOptions, name: string): VideoWriter {
  let state: 'open' | 'finished' | 'aborted' = 'open';
  let count = 0;
  const abort = async () => {
    if (state === 'open') {
      state = 'aborted';
      await sink.abort();
    }
  };
  const guarded = async (action: () => Promise<void>) => {
    if (state !== 'open') {
      throw new MediaError(`createVideoWriter: ${name} is ${state}, so nothing more can be written to it.`);
    }
    try {
      options.signal?.throwIfAborted();
      await action();
    } catch (cause) {
      await abort();
      throw options.signal?.aborted ? options.signal.reason : targetError(name, cause);
    }
  };
  return {
    write: (frame) =>
      guarded(async () => {
        checkFrame(frame, options);
        await sink.add(frame);
        count += 1;
      }),
    finish: () =>
      guarded(async () => {
        if (count === 0) {
          throw new MediaError(`createVideoWriter: ${name} needs at least one frame, but none was written.`);
        }
        await sink.finish();
        state = 'finished';
      }),
    abort,
    [Symbol.asyncDispose]: abort,
  };
}

function checkFrame({ width, height, data }: Frame, wanted: WriterOptions): void {
  if (width !== wanted.width || height !== wanted.height) {
    throw new ShapeError(
      `createVideoWriter: frames must be ${wanted.width}x${wanted.height}, but this one is ${width}x${height}.`,
    );
  }
  if (data.length !== width * height * 3) {
    throw new ShapeError(
      `createVideoWriter: a frame of ${width}x${height} has ${width * height * 3} bytes of RGB, but this one has ${data.length}.`,
    );
  }
}

function checkOptions({ width, height, fps, quality = 0 }: WriterOptions): void {
  checkSize('createVideoWriter', width, height);
  if (!(fps > 0 && fps <= 1000)) {
    throw new ConfigError(`createVideoWriter: fps must be above 0 and at most 1000, but is ${fps}.`);
  }
  if (!(quality >= 0 && quality <= 1)) {
    throw new ConfigError(`createVideoWriter: quality must be from 0 to 1, but is ${quality}.`);
  }
}
