import { ConfigError, MediaError } from '@od-vae/core/base';
import { applyGeometry, type FrameGeometry, planGeometry } from './frame-geometry.ts';
import { openSource } from './open-source.ts';
import { chooseEngines } from './media-engines.ts';
import type { Picture, PictureSource } from './picture.ts';
import { resampledCount, resamplePictures, takePictures } from './select-pictures.ts';
import { sourceName } from './source-name.ts';
import type { Frame, ReadOptions, VideoReader, VideoSource } from './types.ts';

/**
 * Opens a video, GIF, image or image sequence for reading, and tells what it is.
 *
 * @throws MediaError where there is no such file, it is no video, or a codec is missing
 * @throws ConfigError where an option cannot work, or no frame lies in the range
 */
export async function openVideo(source: VideoSource, options: ReadOptions = {}): Promise<VideoReader> {
  checkOptions(options);
  options.signal?.throwIfAborted();
  const opened = await openSource(source, options, chooseEngines(options.engine));
  try {
    return makeReader(opened, options, sourceName(source));
  } catch (cause) {
    await opened.close();
    throw cause;
  }
}

function makeReader(opened: PictureSource, options: ReadOptions, name: string): VideoReader {
  const { info } = opened;
  const geometry = planGeometry(info, options);
  const { start = 0, fps = info.fps } = options;
  const { frameCount, available } = countFrames(opened, options);
  if (frameCount !== undefined && frameCount <= 0) {
    throw new MediaError(
      available === 0
        ? `openVideo: ${name} has no frame that can be read.`
        : `openVideo: ${name} has ${available} frames, so none lies from index ${start} on.`,
    );
  }
  let closed = false;
  const close = async () => {
    if (!closed) {
      closed = true;
      await opened.close();
    }
  };
  return {
    info,
    width: geometry.width,
    height: geometry.height,
    fps,
    frameCount,
    frames: () => readFrames(opened, options, geometry, name),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function countFrames({ info }: PictureSource, { start = 0, frames = Infinity, fps }: ReadOptions) {
  const resamples = fps !== undefined && info.duration !== undefined && info.frameCount !== 0;
  const available = resamples ? resampledCount(info.duration!, fps) : info.frameCount;
  return { available, frameCount: available === undefined ? undefined : Math.min(available - start, frames) };
}

async function* readFrames(
  opened: PictureSource,
  options: ReadOptions,
  geometry: FrameGeometry,
  name: string,
): AsyncGenerator<Frame, void, undefined> {
  const { fps, start = 0, frames = Infinity, signal } = options;
  signal?.throwIfAborted();
  const all = opened.pictures();
  const timed = fps === undefined ? all : resamplePictures(all, fps, opened.info.fps);
  let count = 0;
  for await (const picture of takePictures(timed, start, frames)) {
    const frame = await toFrame(picture, geometry);
    signal?.throwIfAborted();
    yield frame;
    signal?.throwIfAborted();
    count += 1;
  }
  if (count === 0) {
    throw new MediaError(`openVideo: ${name} has no frame from index ${start} on.`);
  }
}

async function toFrame(picture: Picture, geometry: FrameGeometry): Promise<Frame> {
  try {
    return { ...applyGeometry(await picture.pixels(), geometry), timestamp: picture.timestamp };
  } finally {
    picture.release();
  }
}

function checkOptions({ start = 0, frames = 1, fps = 1, engine }: ReadOptions): void {
  if (engine !== undefined && engine !== 'mediabunny' && engine !== 'ffmpeg') {
    throw new ConfigError(`openVideo: engine must be "mediabunny" or "ffmpeg", but is ${JSON.stringify(engine)}.`);
  }
  if (!Number.isInteger(start) || start < 0) {
    throw new ConfigError(`openVideo: start must be a whole number from 0 on, but is ${start}.`);
  }
  if (frames !== Infinity && (!Number.isInteger(frames) || frames < 1)) {
    throw new ConfigError(`openVideo: frames must be a whole number from 1 on, but is ${frames}.`);
  }
  if (!(fps > 0 && fps <= 1000)) {
    throw new ConfigError(`openVideo: fps must be above 0 and at most 1000, but is ${fps}.`);
  }
}
