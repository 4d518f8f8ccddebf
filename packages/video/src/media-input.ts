import {
  ALL_FORMATS,
  CustomSource,
  EncodedPacketSink,
  Input,
  type InputVideoTrack,
  UrlSource,
  VideoSampleSink,
} from 'mediabunny';
import type { ByteSource } from './byte-source.ts';
import { LimitReached, MEDIA_LIMITS } from './media-limits.ts';

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

/** Returns whether the first packet of a track is no key frame: FFmpeg shows what it can decode before the first one. */
export async function beginsWithin(track: InputVideoTrack): Promise<boolean> {
  const first = await new EncodedPacketSink(track).getFirstPacket({ metadataOnly: true });
  return first !== null && first.type !== 'key';
}

/** Count and times of a track's frames, in seconds. */
export interface TrackTimes {
  readonly frameCount: number;
  readonly first: number;
  readonly last: number;
  /** How long the last frame is shown, as the file says; may be zero. */
  readonly lastDuration: number;
}

/**
 * Walks over the packets of a track, from the first key frame on; what lies before it cannot be decoded.
 *
 * @param isShown returns whether a frame with this time is shown
 */
export async function measureTrack(
  track: InputVideoTrack,
  isShown: (timestamp: number) => boolean,
): Promise<TrackTimes> {
  const isVp8 = (await track.getCodec()) === 'vp8';
  let [frameCount, first, last, lastDuration] = [0, Infinity, -Infinity, 0];
  let key: number | undefined;
  const leading: number[] = [];
  const recent = new RecentTimes();
  for await (const { timestamp, duration, type, data } of new EncodedPacketSink(track).packets(undefined, undefined, {
    metadataOnly: !isVp8,
  })) {
    if (key === undefined && type !== 'key') continue;
    key ??= timestamp;
    // The fifth bit of a VP8 frame is set where it is shown, and not only referred to.
    if (!isShown(timestamp) || (isVp8 && ((data[0] ?? 0x10) & 0x10) === 0)) continue;
    if (recent.has(timestamp)) throw new LimitReached(MEDIA_LIMITS.sameTimes);
    if (timestamp < key) {
      leading.push(timestamp);
      continue;
    }
    frameCount += 1;
    first = Math.min(first, timestamp);
    if (timestamp > last) [last, lastDuration] = [timestamp, duration];
  }
  const decoded = leading.length > 0 ? await decodedBefore(track, key!, isShown) : [];
  return { frameCount: frameCount + decoded.length, first: Math.min(first, ...decoded), last, lastDuration };
}

/**
 * Returns the times of the frames before the first key frame that a decoder gives: it drops those that refer to frames
 * that were cut off.
 *
 * @throws LimitReached where it refuses them
 */
async function decodedBefore(
  track: InputVideoTrack,
  key: number,
  isShown: (timestamp: number) => boolean,
): Promise<number[]> {
  const times: number[] = [];
  try {
    for await (const sample of new VideoSampleSink(track, { hardwareAcceleration: 'prefer-software' }).samples()) {
      const { timestamp } = sample;
      sample.close();
      if (timestamp >= key) break;
      if (isShown(timestamp)) times.push(timestamp);
    }
  } catch {
    throw new LimitReached(MEDIA_LIMITS.lateStart);
  }
  return times;
}

/** Frames whose order of decoding differs from that of showing are at most 16 apart in all codecs. */
const MOST_REORDERED = 64;

/** The times of the last frames. */
class RecentTimes {
  private readonly times: number[] = [];

  /** Adds a time; returns whether it was there. */
  has(time: number): boolean {
    const isThere = this.times.includes(time);
    this.times.push(time);
    if (this.times.length > MOST_REORDERED) this.times.shift();
    return isThere;
  }
}
