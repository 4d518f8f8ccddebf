import type { LongCallOptions } from '@od-vae/core';
import { strides } from '@od-vae/models';
import { openVideo, type VideoReader, type VideoSource } from '@od-vae/video';

import { chooseSeed } from './choose-seed.ts';
import { type CodeReport, outcome } from './code-report.ts';
import { encodeFrames, type PosteriorOptions } from './encode-frames.ts';
import { fitFrames, fittedExtent, policyNote } from './frame-policy.ts';
import type { LatentChunk } from './latents.ts';
import { type LatentsInfo, modelInfo } from './latents-info.ts';
import type { Model } from './model.ts';
import type { JobFolder } from './node/job-folder.ts';
import { openJob, partialPath, type ResumeOptions } from './open-job.ts';
import { aheadOf, passing } from './passing.ts';
import type { PlanChoice, Planned } from './plan-choice.ts';
import { readAhead } from './read-ahead.ts';
import { RootMeanSquare } from './scale-check.ts';
import { extentsOf, planReading, readOptions, type VideoInputOptions } from './video-input.ts';
import { writeLatentPlanes } from './write-latents.ts';

/** What {@link encodeFile} takes. */
export interface EncodeFileOptions
  extends VideoInputOptions, PosteriorOptions, PlanChoice, ResumeOptions, LongCallOptions {
  /** Writes `mean` and `logvar` beside the latents. */
  keepPosterior?: boolean | undefined;
}

/**
 * Compresses a video into latents: a `.safetensors` file or, where `target` is a folder (it exists, or ends with a slash),
 * one file for each group and `latents.json`.
 *
 * Groups are written to `<target>.partial` one by one, so memory does not grow with the video. They replace what is at
 * `target` when all are complete.
 */
export async function encodeFile(
  model: Model,
  source: VideoSource,
  target: string,
  options: EncodeFileOptions = {},
): Promise<CodeReport> {
  const started = performance.now();
  const { assertOtherFile } = await import('#node/assert-other-file');
  await assertOtherFile('encodeFile', source, target);
  const folder = await targetFolder(target);
  const reader = await openVideo(source, readOptions(options));
  try {
    const plan = planReading(reader, model, options);
    const partial = partialPath(folder ?? target);
    const seed = await chooseSeed(options, options.resume ? partial : undefined);
    const planned = { ...options, seed, tiling: plan.tiling };
    const job = await openEncodeJob(model, source, partial, planned);
    try {
      const { info, shape, count, note } = await encodeGroups(model, reader, job, planned);
      const { indexOf, planesOfParts } = await import('#node/latents-folder');
      if (folder !== undefined) await job.complete(indexOf(info, shape, count), folder);
      else {
        await writeLatentPlanes(target, await planesOfParts(job, count), info, { signal: options.signal });
        await job.remove();
      }
      return { ...info, ...outcome(shape, started, target), plan, note, ...(options.sample && { seed }) };
    } catch (error) {
      if (!options.resume) await job.remove();
      throw error;
    }
  } finally {
    await reader.close();
  }
}

/** The folder that the latents are to replace; undefined where they are written as a file. */
async function targetFolder(target: string): Promise<string | undefined> {
  const { isFolder, openTargetFolder } = await import('#node/job-folder');
  return /[/\\]$/.test(target) || (await isFolder(target)) ? openTargetFolder(target) : undefined;
}

async function openEncodeJob(
  model: Model,
  source: VideoSource,
  path: string,
  {
    framePolicy = 'pad',
    sample = false,
    seed = 0,
    tiling,
    keepPosterior = false,
    ...options
  }: Planned<EncodeFileOptions>,
): Promise<JobFolder> {
  const { signal: _, ...reading } = readOptions(options);
  const settings = { job: 'encode', source, ...reading, framePolicy, sample, seed };
  return openJob(path, model, { ...settings, tiling, keepPosterior }, options);
}

interface Encoded {
  info: LatentsInfo;
  /** Of all latents. */
  shape: LatentChunk['shape'];
  /** How many groups there are. */
  count: number;
  note: string | undefined;
}

async function encodeGroups(
  model: Model,
  reader: VideoReader,
  job: JobFolder,
  { framePolicy = 'pad', sample = false, seed = 0, tiling, ...options }: Planned<EncodeFileOptions>,
): Promise<Encoded> {
  const { latentsStore } = await import('#node/latents-store');
  const { kept, total } = extentsOf(reader, model, framePolicy);
  const modelStrides = strides(model.config);
  let [came, count, latentFrames] = [0, 0, 0];
  let shape: LatentChunk['shape'] = [0, 0, 0, 0];
  const rms = new RootMeanSquare();
  const counted = passing(readAhead(reader.frames(), aheadOf(reader, tiling)), () => {
    came += 1;
  });
  const frames = fitFrames(counted, modelStrides, framePolicy);
  const { keepPosterior, onProgress, signal } = options;
  const encoding = { sample, seed, tiling, total, keepPosterior, store: latentsStore(job), onProgress, signal };
  for await (const chunk of encodeFrames(model, frames, encoding)) {
    shape = chunk.shape;
    rms.add(chunk);
    latentFrames += chunk.shape[0];
    count += 1;
  }
  const clip = { frames: came, width: reader.width, height: reader.height };
  const fitted = fittedExtent('encode', clip, modelStrides, framePolicy);
  const info = {
    ...modelInfo(model),
    frames: framePolicy === 'trim' ? fitted.frames : came,
    ...kept,
    fps: reader.fps,
    ...(rms.value !== undefined && { rms: rms.value }),
    posterior: sample ? `sample, seed ${seed}` : 'mode',
    tiling,
    framePolicy,
  };
  const [, height, width, channels] = shape;
  return {
    info,
    shape: [latentFrames, height, width, channels],
    count,
    note: policyNote({ ...clip, notes: reader.info.notes }, fitted, modelStrides),
  };
}
