import { MediaError } from '@od-vae/core/base';
import { type Input, type InputVideoTrack, UrlSource, type VideoSample, VideoSampleSink } from 'mediabunny';
import { assumedMatrix } from './colour-matrix.ts';
import { checkSize } from './limits.ts';
import { isShown, measureTrack } from './media-input.ts';
import type { Picture, PictureSource } from './picture.ts';
import { rotatePixels } from './rotate-pixels.ts';
import { hasNode } from './runtime.ts';
import { samplePixels } from './sample-pixels.ts';
import { squareSize } from './square-size.ts';
import type { Colour, ColourMatrix, VideoInfo } from './types.ts';

/** Rate of a video of one frame without a duration. */
const FALLBACK_FPS = 25;

const MATRICES: Readonly<Record<string, ColourMatrix>> = {
  bt709: 'bt709',
  bt470bg: 'bt601',
  smpte170m: 'bt601',
  'bt2020-ncl': 'bt2020',
  rgb: 'rgb',
};

/** Reads a video track that mediabunny can decode here. */
export async function openMediaTrack(input: Input, track: InputVideoTrack, name: string): Promise<PictureSource> {
  const tag = await track.getColorSpace();
  if ((tag.transfer as string | null | undefined) === 'pq') {
    throw new MediaError(
      `openVideo: ${name} is HDR (PQ, SMPTE ST 2084), which needs tone mapping; convert it to BT.709 first.`,
    );
  }
  const rotation = await track.getRotation();
  const { width, height } = await shownSize(track, rotation);
  checkSize(`openVideo: ${name}`, width, height);
  const codedHeight = await track.getCodedHeight();
  const colour = (sample?: VideoSample): Colour => ({
    matrix: MATRICES[tag.matrix ?? ''] ?? MATRICES[decodedMatrix(sample) ?? ''] ?? assumedMatrix(codedHeight),
    range: (sample?.colorSpace.fullRange ?? tag.fullRange) ? 'full' : 'limited',
  });
  const flip = await track.getFlip();
  const shown = await shownFrames(input);
  return {
    info: {
      width,
      height,
      ...(await timesOf(input, track)),
      codec: (await track.getCodec()) ?? 'unknown',
      container: await containerOf(input),
      rotation,
      colour: colour(),
    },
    pictures: () => readSamples(track, (sample) => samplePixels(sample, colour(sample)), { rotation, flip, shown }),
    close: async () => input.dispose(),
  };
}

/** What a decoder found in the stream; those of browsers say BT.709 where there is nothing, so they are not asked. */
function decodedMatrix(sample: VideoSample | undefined): string | null | undefined {
  return hasNode() ? sample?.colorSpace.matrix : undefined;
}

async function shownSize(track: InputVideoTrack, rotation: number) {
  const { num, den } = await track.getPixelAspectRatio();
  const { width, height } = squareSize(await track.getCodedWidth(), await track.getCodedHeight(), num / den);
  return rotation % 180 === 0 ? { width, height } : { width: height, height: width };
}

async function* readSamples(
  track: InputVideoTrack,
  pixelsOf: (sample: VideoSample) => ReturnType<typeof samplePixels>,
  { rotation, flip, shown }: { rotation: number; flip: boolean; shown: typeof isShown },
): AsyncGenerator<Picture, void, undefined> {
  const sink = new VideoSampleSink(track, { hardwareAcceleration: 'prefer-software' });
  const ledger = await ledgerFor(track);
  try {
    for await (const sample of sink.samples()) {
      ledger?.took();
      if (!shown(sample)) {
        sample.close();
        continue;
      }
      yield {
        timestamp: sample.timestamp,
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

/** Files on the network are not counted where that would mean fetching them whole. */
async function timesOf(
  input: Input,
  track: InputVideoTrack,
): Promise<Pick<VideoInfo, 'fps' | 'frameCount' | 'duration'>> {
  const metrics = await track.computeFrameRateMetrics();
  const steady = metrics.frameRateIsConstant ? metrics.underlyingFrameRate : null;
  if (input.source instanceof UrlSource && (await containerOf(input)) !== 'mp4') {
    return { fps: steady ?? metrics.averageFrameRate, frameCount: undefined, duration: undefined };
  }
  const { frameCount, first, last, lastDuration } = await measureTrack(track, await shownFrames(input));
  if (frameCount === 0) {
    return { fps: FALLBACK_FPS, frameCount: 0, duration: 0 };
  }
  const average = frameCount > 1 ? (frameCount - 1) / (last - first) : 1 / (lastDuration || 1 / FALLBACK_FPS);
  const fps = frameCount > 1 && steady ? steady : average;
  return { fps, frameCount, duration: last + (lastDuration || 1 / fps) - first };
}

/** Other containers may simply count from below zero. */
async function shownFrames(input: Input): Promise<typeof isShown> {
  return /^(?:mp4|mov)$/.test(await containerOf(input)) ? isShown : () => true;
}

async function containerOf(input: Input): Promise<string> {
  const { name } = await input.getFormat();
  return /quicktime/i.test(name) ? 'mov' : name.toLowerCase();
}
