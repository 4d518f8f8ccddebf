import { ConfigError, type LongCallOptions, MediaError } from '@od-vae/core';
import { strides } from '@od-vae/models';
import { createVideoWriter } from '@od-vae/video';

import { type CodeReport, outcome } from './code-report.ts';
import { decodeGroups } from './decode-latents.ts';
import type { ModelStrides } from './frame-policy.ts';
import type { LatentsInfo } from './latents-info.ts';
import type { TilingPlan } from './memory-plan.ts';
import type { Model } from './model.ts';
import { openLatents, type LatentsReader } from './open-latents.ts';
import { openJob, partialPath, type ResumeOptions } from './open-job.ts';
import { aheadOf } from './passing.ts';
import { frameOfPicture } from './pixels.ts';
import { type PlanChoice, planFor, type Planned } from './plan-choice.ts';
import { type FrameWriter, writeBehind } from './write-behind.ts';
import { writeGroups } from './write-groups.ts';
import type { VideoOutputOptions } from './video-output.ts';

/** What {@link decodeFile} takes; latents are cut as they were encoded unless `tiling` says otherwise. */
export type DecodeFileOptions = VideoOutputOptions & PlanChoice & ResumeOptions & LongCallOptions;

/**
 * Rebuilds the video of a latents file or folder.
 *
 * @throws MediaError when it is none, or promises more frames or pixels than its latents give.
 */
export async function decodeFile(
  model: Model,
  source: string,
  target: string,
  options: DecodeFileOptions = {},
): Promise<CodeReport> {
  const started = performance.now();
  const { assertOtherFile } = await import('#node/assert-other-file');
  await assertOtherFile('decodeFile', source, target);
  const { format, codec, quality, lossless, signal } = options;
  await using reader = await openLatents(source);
  const { info, shape } = reader;
  assertDecodable(source, info, shape, strides(model.config));
  const { width, height, fps } = info;
  const plan = planDecoding(model, info, options);
  const { tiling } = plan;
  const output = await createVideoWriter(target, { width, height, fps, format, codec, quality, lossless, signal });
  const writer = writeBehind(output, aheadOf(info, tiling));
  try {
    await decodeInto(writer, { model, reader, source, target }, { ...options, tiling });
  } catch (error) {
    await writer.abort();
    throw error;
  }
  return { ...info, ...outcome(shape, started, target), plan, note: modelNote(info, model) };
}

/** Latents are cut as they were encoded, but where that does not fit and nobody asked for it. */
function planDecoding(model: Model, info: LatentsInfo, options: DecodeFileOptions): TilingPlan {
  if (options.tiling || !info.tiling) return planFor(model, options, info);
  try {
    return planFor(model, { ...options, tiling: info.tiling }, info);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return planFor(model, options, info);
  }
}

interface DecodeJob {
  model: Model;
  reader: LatentsReader;
  source: string;
  target: string;
}

async function decodeInto(
  writer: FrameWriter,
  { model, reader, source, target }: DecodeJob,
  { tiling, resume, force, onProgress, signal }: Planned<DecodeFileOptions>,
): Promise<void> {
  const { width, height, fps, frames } = reader.info;
  const settings = { job: 'decode', source, info: reader.info, tiling };
  const job = resume ? await openJob(partialPath(target), model, settings, { resume, force }) : undefined;
  const { framesStore } = await import('#node/frames-store');
  const store = job && framesStore<null>(job, { width, height });
  const groups = decodeGroups(model, reader.chunks(), {
    tiling,
    width,
    height,
    fps,
    frames,
    skip: (index) => store?.has(index) ?? false,
    onProgress,
    signal,
  });
  await writeGroups(groups, {
    writer,
    store,
    finish: (picture) => ({ frame: frameOfPicture(picture), score: null }),
    onStored: () => undefined,
  });
  await writer.finish();
  await job?.remove();
}

/** Refuses a file that promises more than its latents give; its numbers would decide how much memory a writer takes. */
function assertDecodable(
  label: string,
  info: LatentsInfo,
  [count, rows, columns]: LatentsReader['shape'],
  { time, space }: ModelStrides,
): void {
  const most = { frames: (count - 1) * time + 1, width: columns * space, height: rows * space };
  if (info.frames > most.frames || info.width > most.width || info.height > most.height) {
    throw new MediaError(
      `${label}: says ${info.frames} frames of ${info.width}x${info.height}, but its latents give at most ` +
        `${most.frames} of ${most.width}x${most.height}.`,
    );
  }
}

/** What to know where the latents are another model's; the same weights may go by several names. */
function modelNote(info: LatentsInfo, { label, weightHash }: Model): string | undefined {
  const isSame = info.weights && weightHash ? info.weights === weightHash : info.model === label;
  if (isSame) return undefined;
  const named = info.model === label ? 'other weights of that name' : `"${label}"`;
  return `"${info.model}" made the latents, ${named} rebuilt them.`;
}
