import { MediaError } from '@od-vae/core/base';
import { VideoSample } from 'mediabunny';
import { abortable } from './abortable.ts';
import { matrixFromTag } from './color-tags.ts';
import type { Picture, PictureSource } from './picture.ts';
import { samplePixels } from './sample-pixels.ts';
import type { Colour } from './types.ts';

/** Rate of a track that tells none. */
const FALLBACK_FPS = 25;

/** What turns a track into frames; Chromium has it. */
type TrackProcessor = new (options: { track: MediaStreamTrack }) => { readable: ReadableStream<VideoFrame> };

/** Opens what a camera, a screen or a canvas shows; it ends when the track does. */
export async function openTrack(track: MediaStreamTrack, signal: AbortSignal | undefined): Promise<PictureSource> {
  const { MediaStreamTrackProcessor } = globalThis as { MediaStreamTrackProcessor?: TrackProcessor };
  if (!MediaStreamTrackProcessor || track.kind !== 'video') {
    throw new MediaError(
      track.kind === 'video'
        ? 'openVideo: reading a MediaStreamTrack needs MediaStreamTrackProcessor, which this browser has not.'
        : `openVideo: a track must be one of video, but is one of ${track.kind}.`,
    );
  }
  const reader = new MediaStreamTrackProcessor({ track }).readable.getReader();
  const first = await abortable(reader.read(), signal);
  if (first.done) throw new MediaError('openVideo: the track ended before its first frame.');
  const { codedWidth: width, codedHeight: height } = first.value;
  const { frameRate = FALLBACK_FPS } = track.getSettings();
  let waiting: VideoFrame | undefined = first.value;
  const close = async () => {
    waiting?.close();
    waiting = undefined;
    await reader.cancel().catch(() => undefined);
  };
  return {
    info: {
      width,
      height,
      fps: frameRate > 0 ? frameRate : FALLBACK_FPS,
      frameCount: undefined,
      duration: undefined,
      codec: 'rawvideo',
      container: 'track',
      rotation: 0,
      colour: colourOf(first.value),
    },
    async *pictures() {
      for (;;) {
        const frame = waiting ?? (await abortable(reader.read(), signal)).value;
        waiting = undefined;
        if (!frame) return;
        yield pictureOf(frame, width, height);
      }
    },
    close,
  };
}

function pictureOf(frame: VideoFrame, width: number, height: number): Picture {
  if (frame.codedWidth !== width || frame.codedHeight !== height) {
    const size = `${frame.codedWidth}x${frame.codedHeight}`;
    frame.close();
    throw new MediaError(`openVideo: a track must keep its size of ${width}x${height}, but a frame of ${size} came.`);
  }
  const colour = colourOf(frame);
  const sample = new VideoSample(frame);
  return {
    timestamp: sample.timestamp,
    duration: undefined,
    pixels: () => samplePixels(sample, colour),
    release: () => sample.close(),
  };
}

function colourOf({ colorSpace, format }: VideoFrame): Colour {
  const isRgb = /^(RGB|BGR)/.test(format ?? '');
  return {
    matrix: matrixFromTag(colorSpace.matrix, 'the track') ?? (isRgb ? 'rgb' : 'bt601'),
    range: colorSpace.fullRange ? 'full' : 'limited',
  };
}
