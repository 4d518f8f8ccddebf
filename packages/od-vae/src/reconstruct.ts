import { ConfigError, type LongCallOptions } from '@od-vae/core';
import { strides } from '@od-vae/models';
import {
  createVideoWriter,
  type Frame,
  openVideo,
  type VideoReader,
  type VideoSource,
  type WritableTarget,
} from '@od-vae/video';
import { getBackend } from '@tensorflow/tfjs-core';

import { chooseSeed } from './choose-seed.ts';
import { decodeGroups } from './decode-latents.ts';
import { encodeFrames, type PosteriorOptions } from './encode-frames.ts';
import { fitFrames, fittedExtent, policyNote } from './frame-policy.ts';
import { type FrameScore, FrameScores } from './frame-scores.ts';
import type { TilingPlan } from './memory-plan.ts';
import type { Model } from './model.ts';
import type { JobFolder } from './node/job-folder.ts';
import { openJob, partialPath, type ResumeOptions } from './open-job.ts';
import { aheadOf, passing } from './passing.ts';
import { frameOfPicture, sideBySide } from './pixels.ts';
import type { PlanChoice, Planned } from './plan-choice.ts';
import { readAhead } from './read-ahead.ts';
import { reportSeams, seamMask, type SeamReport, seamsOf } from './seams.ts';
import { extentsOf, planReading, readOptions, type VideoInputOptions } from './video-input.ts';
import type { VideoOutputOptions } from './video-output.ts';
import { type FrameWriter, writeBehind } from './write-behind.ts';
import { writeGroups } from './write-groups.ts';

/** What {@link reconstruct} takes. */
export interface ReconstructOptions
  extends VideoInputOptions, VideoOutputOptions, PosteriorOptions, PlanChoice, ResumeOptions, LongCallOptions {
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
  /** PSNR and SSIM of each frame, and near the borders of tiles and away from them where frames are cut in space. */
  readonly perFrame: readonly FrameScore[];
  /** How the video was cut, and what memory that was expected to need. */
  readonly plan: TilingPlan;
  /** Where groups and tiles meet, and what that costs. */
  readonly seams: SeamReport;
  /** Seed of the latents that were drawn; there where `sample` is set. */
  readonly seed?: number | undefined;
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
  if (typeof target === 'string') {
    const { assertOtherFile } = await import('#node/assert-other-file');
    await assertOtherFile('reconstruct', source, target);
  }
  const reader = await openVideo(source, readOptions(options));
  try {
    const plan = planReading(reader, model, options);
    const partial = options.resume && typeof target === 'string' ? partialPath(target) : undefined;
    const seed = await chooseSeed(options, partial);
    const planned = { ...options, seed, tiling: plan.tiling };
    const writer = target === undefined ? undefined : await openWriter(target, reader, model, planned);
    try {
      const job = await openReconstructJob(model, source, target, planned);
      const result = await rebuild({ model, reader, writer, job }, planned);
      await writer?.finish();
      await job?.remove();
      const seconds = (performance.now() - started) / 1000;
      return {
        ...result,
        seconds,
        backend: getBackend(),
        plan,
        ...(options.sample && { seed }),
        output: typeof target === 'string' ? target : undefined,
      };
    } catch (error) {
      await writer?.abort();
      throw error;
    }
  } finally {
    await reader.close();
  }
}

async function openReconstructJob(
  model: Model,
  source: VideoSource,
  target: string | WritableTarget | undefined,
  {
    resume = false,
    framePolicy = 'pad',
    compare = false,
    sample = false,
    seed = 0,
    tiling,
    ...options
  }: Planned<ReconstructOptions>,
): Promise<JobFolder | undefined> {
  if (!resume) return undefined;
  if (typeof target !== 'string') {
    throw new ConfigError(`reconstruct: resume needs a path to write to, beside which finished groups are kept.`);
  }
  const { signal: _, ...reading } = readOptions(options);
  const settings = { job: 'reconstruct', source, ...reading, framePolicy, compare, sample, seed, tiling };
  return openJob(partialPath(target), model, settings, { resume, force: options.force });
}

async function openWriter(
  target: string | WritableTarget,
  reader: VideoReader,
  model: Model,
  { framePolicy = 'pad', compare = false, tiling, signal, ...output }: Planned<ReconstructOptions>,
): Promise<FrameWriter> {
  const { width, height } = extentsOf(reader, model, framePolicy).kept;
  const writer = await createVideoWriter(target, {
    width: compare ? 2 * width : width,
    height,
    fps: reader.fps,
    format: output.format,
    codec: output.codec,
    quality: output.quality,
    lossless: output.lossless,
    signal,
  });
  return writeBehind(writer, aheadOf(reader, tiling));
}

interface Rebuilding {
  readonly model: Model;
  readonly reader: VideoReader;
  readonly writer: FrameWriter | undefined;
  readonly job: JobFolder | undefined;
}

async function rebuild(
  { model, reader, writer, job }: Rebuilding,
  { framePolicy = 'pad', compare = false, sample, seed, tiling, onProgress, signal }: Planned<ReconstructOptions>,
): Promise<Omit<ReconstructReport, 'seconds' | 'backend' | 'plan' | 'output'>> {
  const modelStrides = strides(model.config);
  const { kept, fitted, total } = extentsOf(reader, model, framePolicy);
  const stores = job && (await openStores(job, { width: compare ? 2 * kept.width : kept.width, height: kept.height }));
  const waiting: Frame[] = [];
  let came = 0;
  const counted = passing(readAhead(reader.frames(), aheadOf(reader, tiling)), () => {
    came += 1;
  });
  const frames = fitFrames(counted, modelStrides, framePolicy, (frame) => waiting.push(frame));
  const latentSize = { height: fitted.height / modelStrides.space, width: fitted.width / modelStrides.space };
  let latentFrames = 0;
  const latents = passing(
    encodeFrames(model, frames, { sample, seed, tiling, total, store: stores?.latents, onProgress, signal }),
    ({ shape }) => {
      latentFrames += shape[0];
    },
  );
  const seams = () =>
    seamsOf({ tiling, strides: modelStrides, latents: { ...latentSize, time: Math.max(1, latentFrames) } });
  const scores = new FrameScores(() => seamMask(seams(), kept.width, kept.height));
  const groups = decodeGroups(model, latents, {
    tiling,
    ...kept,
    fps: reader.fps,
    total,
    skip: (index) => stores?.frames.has(index) ?? false,
    onProgress,
    signal,
  });
  await writeGroups(groups, {
    writer,
    store: stores?.frames,
    finish: (picture) => {
      const original = waiting.shift();
      if (!original) return undefined;
      const score = scores.add(original, picture);
      const frame = frameOfPicture(picture);
      return { frame: compare ? sideBySide(original, frame) : frame, score };
    },
    onStored: (score) => {
      waiting.shift();
      scores.addScored(score);
    },
  });
  const clip = { frames: came, width: reader.width, height: reader.height, notes: reader.info.notes };
  const { latentChannels } = model.config;
  return {
    ...scoreReport(scores, kept),
    ...kept,
    fps: reader.fps,
    latentShape: [1, latentChannels, latentFrames, latentSize.height, latentSize.width],
    latentBits: latentFrames * latentSize.height * latentSize.width * latentChannels * 16,
    seams: reportSeams(seams(), scores.report().perFrame),
    note: policyNote(clip, fittedExtent('encode', clip, modelStrides, framePolicy), modelStrides),
  };
}

function scoreReport(scores: FrameScores, { width, height }: { width: number; height: number }) {
  const { psnr, ssim, perFrame } = scores.report();
  const frames = perFrame.length;
  return { frames, pixelBits: frames * width * height * 24, psnr: psnr!, ssim, perFrame };
}

async function openStores(job: JobFolder, size: { width: number; height: number }) {
  const { latentsStore } = await import('#node/latents-store');
  const { framesStore } = await import('#node/frames-store');
  return { latents: latentsStore(job), frames: framesStore<FrameScore>(job, size) };
}
