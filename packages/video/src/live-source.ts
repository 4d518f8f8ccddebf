import type { Frame, VideoSource } from './types.ts';

/** Frames or bytes that come once, in their order: streams of Node and of the web, generators, a camera's track. */
export type LiveSource =
  | AsyncIterable<Frame>
  | Iterable<Frame>
  | AsyncIterable<Uint8Array>
  | ReadableStream<Uint8Array>
  | MediaStreamTrack;

/** Whether a source comes once. */
export function isLive(source: VideoSource): source is LiveSource {
  return !(
    typeof source === 'string' ||
    source instanceof URL ||
    source instanceof Blob ||
    source instanceof Uint8Array
  );
}

/** Whether a source is what a camera, a screen or a canvas shows. */
export function isTrack(source: LiveSource): source is MediaStreamTrack {
  return typeof MediaStreamTrack !== 'undefined' && source instanceof MediaStreamTrack;
}
