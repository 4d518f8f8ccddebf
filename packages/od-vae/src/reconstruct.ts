import { VideoQuality, type FrameQuality } from '@od-vae/metrics';
import { strides } from '@od-vae/models';
import {
  createVideoWriter,
  type Frame,
  openVideo,
  type ReadOptions,
  type VideoReader,
  type VideoSource,
  type VideoWriter,
  type WritableTarget,
  type WriterOptions,
} from '@od-vae/video';
import type { LongCallOptions } from '@od-vae/core';
import { getBackend } from '@tensorflow/tfjs-core';

import { decodeLatents } from './decode-latents.ts';
import { encodeFrames, type PosteriorOptions, type TilingChoice } from './encode-frames.ts';
import { type Extent, fitFrames, fittedExtent, type FramePolicy, policyNote } from './frame-policy.ts';
import type { LatentChunk } from './latents.ts';
import type { Model } from './model.ts';
import { frameOfPicture, sideBySide } from './pixels.ts';

/** What of a video is read, and how it is made to fit. */
export interface VideoInputOptions extends Pick<ReadOptions, 'start' | 'frames' | 'fps' | 'shortSide' | 'crop'> {
  /** `'pad'` by default: what does not fit is padded, and the result is cut back. */
  framePolicy?: FramePolicy | undefined;
}

/** How a video is written. */
export type VideoOutputOptions = Pick<WriterOptions, 'format' | 'codec' | 'quality' | 'lossless'>;

/** What {@link reconstruct} takes. */
export interface ReconstructOptions
  extends VideoInputOptions, VideoOutputOptions, PosteriorOptions, TilingChoice, LongCallOptions {
  /** Writes original and reconstruction side by side. */
  compare?: boolean | undefined;
}

/** What {@link reconstruct} gives. */
export interface ReconstructReport {
  readonly frames: number;
  readonly width: number;
  readonly height: number;
  /** Frames a second. */
  readonly fps: number;
  /** In PyTorch's order, `[batch, channels, time, height, width]`. */
  readonly latentShape: readonly number[];
  /** Bits of the frames as 8-bit RGB. */
  readonly pixelBits: number;
  /** Bits of the latents as 16-bit numbers. */
  readonly latentBits: number;
  /** Decibels, the mean over the frames; before the video codec. */
  readonly psnr: number;
  /** Mean over the frames; undefined below 11 pixels to a side. */
  readonly ssim: number | undefined;
  readonly perFrame: readonly FrameQuality[];
  readonly seconds: number;
  readonly backend: string;
  /** The path that the video was written to, if it was. */
  readonly output: string | undefined;
  /** What was done to make the video fit, in a sentence; undefined where it fitted. */
  readonly note: string | undefined;
}

/** Compresses a video and rebuilds it, group by group, measures the loss, and writes the result where `target` says. */
export async function reconstruct(
  model: Model,
  source: VideoSource,
  target: string | WritableTarget | undefined,
  options: ReconstructOptions = {},
): Promise<ReconstructReport> {
  const started = performance.now();
  const reader = await openVideo(source, readOptions(options));
  try {
    const writer = target === undefined ? undefined : await openWriter(target, reader, model, options);
    try {
      const result = await rebuild(model, reader, writer, options);
      await writer?.finish();
      const seconds = (performance.now() - started) / 1000;
      return { ...result, seconds, backend: getBackend(), output: typeof target === 'string' ? target : undefined };
    } catch (error) {
      await writer?.abort();
      throw error;
    }
  } finally {
    await reader.close();
  }
}

/** The part of the options that the reader of a video takes. */
export function readOptions({
  start,
  frames,
  fps,
  shortSide,
  crop,
  signal,
}: VideoInputOptions & LongCallOptions): ReadOptions {
  return { start, frames, fps, shortSide, crop, signal };
}

/** What the model sees of a video, and what of that is kept; refuses early what the policy refuses. */
export function extentsOf(
  reader: VideoReader,
  model: Model,
  policy: FramePolicy,
): { fitted: Extent; kept: { width: number; height: number }; total: number | undefined } {
  const clip = { frames: reader.frameCount ?? 1, width: reader.width, height: reader.height };
  const fitted = fittedExtent('encode', clip, strides(model.config), policy);
  const { width, height } = policy === 'trim' ? fitted : clip;
  return { fitted, kept: { width, height }, total: reader.frameCount === undefined ? undefined : fitted.frames };
}

async function openWriter(
  target: string | WritableTarget,
  reader: VideoReader,
  model: Model,
  { framePolicy = 'pad', compare = false, signal, ...output }: ReconstructOptions,
): Promise<VideoWriter> {
  const { width, height } = extentsOf(reader, model, framePolicy).kept;
  return createVideoWriter(target, {
    width: compare ? 2 * width : width,
    height,
    fps: reader.fps,
    format: output.format,
    codec: output.codec,
    quality: output.quality,
    lossless: output.lossless,
    signal,
  });
}

async function rebuild(
  model: Model,
  reader: VideoReader,
  writer: VideoWriter | undefined,
  { framePolicy = 'pad', compare = false, sample, seed, tiling, onProgress, signal }: ReconstructOptions,
): Promise<Omit<ReconstructReport, 'seconds' | 'backend' | 'output'>> {
  const { kept, total } = extentsOf(reader, model, framePolicy);
  const waiting: Frame[] = [];
  let [came, keptFrames, latentFrames] = [0, 0, 0];
  let latent: LatentChunk['shape'] = [0, 0, 0, 0];
  const counted = passing(reader.frames(), () => {
    came += 1;
  });
  const fitted = fitFrames(counted, strides(model.config), framePolicy, (frame) => waiting.push(frame));
  const latents = passing(
    encodeFrames(model, fitted, { sample, seed, tiling, total, onProgress, signal }),
    ({ shape }) => {
      latent = shape;
      latentFrames += shape[0];
    },
  );
  const quality = new VideoQuality();
  for await (const picture of decodeLatents(model, latents, {
    tiling,
    ...kept,
    fps: reader.fps,
    total,
    onProgress,
    signal,
  })) {
    const original = waiting.shift();
    if (!original) continue;
    keptFrames += 1;
    quality.add(original, picture);
    const frame = frameOfPicture(picture);
    await writer?.write(compare ? sideBySide(original, frame) : frame);
  }
  const { psnr, ssim, perFrame } = quality.report();
  const clip = { frames: came, width: reader.width, height: reader.height };
  const [, height, width, channels] = latent;
  return {
    frames: keptFrames,
    ...kept,
    fps: reader.fps,
    latentShape: [1, channels, latentFrames, height, width],
    pixelBits: keptFrames * kept.width * kept.height * 24,
    latentBits: latentFrames * height * width * channels * 16,
    psnr: psnr!,
    ssim,
    perFrame,
    note: policyNote(clip, fittedExtent('encode', clip, strides(model.config), framePolicy), strides(model.config)),
  };
}

/** The items as they are, each seen on its way. */
export async function* passing<Item>(
  items: AsyncIterable<Item>,
  see: (item: Item) => void,
): AsyncGenerator<Item, void, undefined> {
  for await (const item of items) {
    see(item);
    yield item;
  }
}
