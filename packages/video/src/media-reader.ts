import {
  EncodedPacketSink,
  type Input,
  type InputVideoTrack,
  UrlSource,
  type VideoSample,
  VideoSampleSink,
} from 'mediabunny';
import { checkTransfer, matrixFromTag, storedColor } from './color-tags.ts';
import { checkSize } from './limits.ts';
import { measureTrack, type TrackTimes } from './media-input.ts';
import { LimitReached, MEDIA_LIMITS } from './media-limits.ts';
import type { Mp4Structure, ShownSpan } from './mp4-structure.ts';
import type { FrameTags } from './node/frame-tags.ts';
import { orientationFromMatrix } from './orientation.ts';
import type { Picture, PictureSource } from './picture.ts';
import { rotatePixels } from './rotate-pixels.ts';
import { hasNode } from './runtime.ts';
import { samplePixels } from './sample-pixels.ts';
import { squareSize } from './square-size.ts';
import type { Colour, VideoInfo } from './types.ts';

/** Rate of a video of one frame without a duration. */
const FALLBACK_FPS = 25;

/** Reads a video track that mediabunny can decode here. */
export async function openMediaTrack(
  input: Input,
  track: InputVideoTrack,
  name: string,
  mp4: Mp4Structure | undefined,
): Promise<PictureSource> {
  const tag = await track.getColorSpace();
  const readTags = hasNode() ? await (await import('#node/frame-tags')).loadFrameTags() : () => undefined;
  const first = hasNode() ? await firstTags(track, readTags) : undefined;
  checkTransfer((tag.transfer as string | null | undefined) === 'pq' || first?.isPq === true, name);
  const [a, b, , c, d] = await track.getTransformationMatrix();
  const { rotation, flip } = orientationFromMatrix(first?.displayMatrix ?? [a, b, c, d], name);
  const { width, height } = await shownSize(input, track, rotation, first);
  checkSize(`openVideo: ${name}`, width, height);
  const codec = (await track.getCodec()) ?? 'unknown';
  const codedHeight = first?.height ?? (await track.getCodedHeight());
  const colour = (tags: FrameTags | undefined) => shownColor(tags, tag, { codec, codedHeight, name });
  const { shown, ...times } = await timesOf(input, track, mp4);
  return {
    info: {
      width,
      height,
      ...times,
      codec,
      container: await containerOf(input),
      rotation,
      colour: colour(first),
    },
    pictures: () => {
      const pixelsOf = (sample: VideoSample) => {
        const tags = readTags(sample);
        return samplePixels(sample, colour(tags), tags?.layout);
      };
      return readSamples(track, pixelsOf, { rotation, flip, shown });
    },
    close: async () => input.dispose(),
  };
}

/** Returns how a frame is converted: the tags of the stream count where the container has others, as in FFmpeg. */
function shownColor(
  stream: FrameTags | undefined,
  container: VideoColorSpaceInit,
  { codec, codedHeight, name }: { readonly codec: string; readonly codedHeight: number; readonly name: string },
): Colour {
  // VP8 is BT.601 by definition, whatever the container is tagged with.
  if (codec === 'vp8') return { matrix: 'bt601', range: stream?.fullRange === true ? 'full' : 'limited' };
  const fullRange = stream?.fullRange ?? container.fullRange ?? false;
  if (stream?.layout?.rgb === true) return { matrix: 'rgb', range: 'full' };
  const matrix = matrixFromTag(stream?.matrix, name) ?? matrixFromTag(container.matrix, name);
  return storedColor({ matrix, fullRange }, stream?.layout ?? {}, codedHeight, name);
}

/**
 * Returns the tags of the first frame; undefined where it cannot be decoded, which reading reports.
 *
 * @throws LimitReached where the decoder accepts the packets but gives no frame, as of a stream without key frames
 */
async function firstTags(
  track: InputVideoTrack,
  readTags: (sample: VideoSample) => FrameTags | undefined,
): Promise<FrameTags | undefined> {
  const samples = new VideoSampleSink(track, { hardwareAcceleration: 'prefer-software' }).samples();
  try {
    const { value: sample } = await samples.next();
    if (!sample) {
      if (await new EncodedPacketSink(track).getFirstPacket()) throw new LimitReached(MEDIA_LIMITS.lateStart);
      return undefined;
    }
    const tags = readTags(sample);
    sample.close();
    return tags;
  } catch (cause) {
    if (cause instanceof LimitReached) throw cause;
    return undefined;
  } finally {
    await samples.return(undefined);
  }
}

/** The stream's own aspect ratio counts where MP4 and MOV have none; Matroska always has one. */
async function shownSize(input: Input, track: InputVideoTrack, rotation: number, first: FrameTags | undefined) {
  const { num, den } = await track.getPixelAspectRatio();
  const inStream = num === den && /^(?:mp4|mov)$/.test(await containerOf(input));
  const aspect = inStream ? (first?.pixelAspect ?? 1) : num / den;
  // The size in the container may not be the one in the stream, which decides in FFmpeg.
  const codedWidth = first?.width ?? (await track.getCodedWidth());
  const codedHeight = first?.height ?? (await track.getCodedHeight());
  const { width, height } = squareSize(codedWidth, codedHeight, aspect);
  return rotation % 180 === 0 ? { width, height } : { width: height, height: width };
}

async function* readSamples(
  track: InputVideoTrack,
  pixelsOf: (sample: VideoSample) => ReturnType<typeof samplePixels>,
  { rotation, flip, shown }: { rotation: number; flip: boolean; shown: ShownFrames },
): AsyncGenerator<Picture, void, undefined> {
  const sink = new VideoSampleSink(track, { hardwareAcceleration: 'prefer-software' });
  const ledger = await ledgerFor(track);
  try {
    for await (const sample of sink.samples()) {
      ledger?.took();
      if (!shown.has(sample.timestamp)) {
        sample.close();
        continue;
      }
      yield {
        timestamp: sample.timestamp - shown.lead,
        duration: sample.duration,
        pixels: async () => rotatePixels(await pixelsOf(sample), rotation, flip),
        release: () => sample.close(),
      };
    }
  } finally {
    ledger?.stop();
  }
}

/** In Node, decoders wait with an error until the pictures before it have been read. */
async function ledgerFor(track: InputVideoTrack) {
  const config = hasNode() ? await track.getDecoderConfig() : null;
  return config ? (await import('#node/sample-ledger')).openLedger(config) : undefined;
}

/** Which frames of a track are shown, and by how much they are moved. */
interface ShownFrames {
  readonly has: (timestamp: number) => boolean;
  /** Seconds between the start of an edit and its first frame: FFmpeg shows that frame at the start. */
  readonly lead: number;
}

/** Files on the network are not counted where that would mean fetching them whole. */
async function timesOf(
  input: Input,
  track: InputVideoTrack,
  mp4: Mp4Structure | undefined,
): Promise<Pick<VideoInfo, 'fps' | 'frameCount' | 'duration'> & { shown: ShownFrames }> {
  const metrics = await track.computeFrameRateMetrics();
  const steady = metrics.frameRateIsConstant ? metrics.underlyingFrameRate : null;
  if (input.source instanceof UrlSource && (await containerOf(input)) !== 'mp4') {
    const shown = { has: () => true, lead: 0 };
    return { fps: steady ?? metrics.averageFrameRate, frameCount: undefined, duration: undefined, shown };
  }
  // Edit lists of fragmented files move frames, but hide none, as in FFmpeg.
  const span = mp4?.hasFragments ? undefined : mp4?.tracks.find(({ id }) => id === track.id)?.shown;
  const has = span ? (timestamp: number) => isWithin(span, timestamp) : () => true;
  const { frameCount, first, last, lastDuration } = await measureTrack(track, has);
  const shown = { has, lead: span && frameCount > 0 ? first - span.begin : 0 };
  return { ...summarize({ frameCount, first, last, lastDuration }, steady), shown };
}

/** @param steady rate of a track whose frames are equally far apart; null where they are not */
function summarize(
  { frameCount, first, last, lastDuration }: TrackTimes,
  steady: number | null,
): Pick<VideoInfo, 'fps' | 'frameCount' | 'duration'> {
  if (frameCount === 0) return { fps: FALLBACK_FPS, frameCount: 0, duration: 0 };
  const average = frameCount > 1 ? (frameCount - 1) / (last - first) : 1 / (lastDuration || 1 / FALLBACK_FPS);
  const fps = frameCount > 1 && steady ? steady : average;
  return { fps, frameCount, duration: last + (lastDuration || 1 / fps) - first };
}

function isWithin({ begin, end, tick }: ShownSpan, timestamp: number): boolean {
  return timestamp > begin - tick / 2 && timestamp < end - tick / 2;
}

async function containerOf(input: Input): Promise<string> {
  const { name } = await input.getFormat();
  return /quicktime/i.test(name) ? 'mov' : name.toLowerCase();
}
