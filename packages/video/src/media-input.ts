import { ALL_FORMATS, CustomSource, EncodedPacketSink, Input, type InputVideoTrack, UrlSource } from 'mediabunny';
import type { ByteSource } from './byte-source.ts';

/** Attempts at a failing request before giving up. */
const MAX_ATTEMPTS = 3;

/** Opens bytes, or an address, with mediabunny; nothing is read yet. The bytes stay the caller's to close. */
export function openInput(source: ByteSource | string): Input {
  return new Input({
    formats: ALL_FORMATS,
    source:
      typeof source === 'string'
        ? new UrlSource(source, { getRetryDelay: (attempts) => (attempts < MAX_ATTEMPTS ? attempts / 2 : null) })
        : new CustomSource({
            getSize: () => source.size,
            read: (start, end) => source.read(start, end - start),
            prefetchProfile: 'fileSystem',
          }),
  });
}

/** Count and times of a track's frames, in seconds. */
export interface TrackTimes {
  readonly frameCount: number;
  readonly first: number;
  readonly last: number;
  /** How long the last frame is shown, as the file says; may be zero. */
  readonly lastDuration: number;
}

/** Seconds by which a frame may end after the start of a presentation and still lie before it, by rounding. */
const START_SLACK = 1e-4;

/** Whether a frame is shown: MP4 and MOV files hold frames before the start of an edit, for what follows to build on. */
export function isShown({ timestamp, duration }: { readonly timestamp: number; readonly duration: number }): boolean {
  return timestamp >= 0 || timestamp + duration > START_SLACK;
}

/**
 * Walks over all packets of a track, without their data.
 *
 * @param counts tells which frames are shown, and so counted
 */
export async function measureTrack(
  track: InputVideoTrack,
  counts: (times: { timestamp: number; duration: number }) => boolean,
): Promise<TrackTimes> {
  let frameCount = 0;
  let first = Infinity;
  let last = -Infinity;
  let lastDuration = 0;
  for await (const { timestamp, duration } of new EncodedPacketSink(track).packets(undefined, undefined, {
    metadataOnly: true,
  })) {
    if (!counts({ timestamp, duration })) continue;
    frameCount += 1;
    first = Math.min(first, timestamp);
    if (timestamp > last) {
      last = timestamp;
      lastDuration = duration;
    }
  }
  return { frameCount, first, last, lastDuration };
}
