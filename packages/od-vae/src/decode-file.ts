import { ConfigError, type LongCallOptions, MediaError } from '@od-vae/core';
import { strides } from '@od-vae/models';
import { createVideoWriter } from '@od-vae/video';

import { type CodeReport, outcome } from './code-report.ts';
import { decodeGroups } from './decode-latents.ts';
import type { ModelStrides } from './frame-policy.ts';
import { type KnownLatentsInfo, RAW_MODEL } from './known-info.ts';
import type { LatentsInfo } from './latents-info.ts';
import type { TilingPlan } from './memory-plan.ts';
import type { Model } from './model.ts';
import { openLatents, type LatentsReader } from './open-latents.ts';
import { openJob, partialPath, type ResumeOptions } from './open-job.ts';
import { aheadOf, passing } from './passing.ts';
import { frameOfPicture } from './pixels.ts';
import { type PlanChoice, planFor, type Planned } from './plan-choice.ts';
import { RootMeanSquare, scaleNote } from './scale-check.ts';
import { type FrameWriter, writeBehind } from './write-behind.ts';
import { writeGroups } from './write-groups.ts';
import type { VideoOutputOptions } from './video-output.ts';

/** What {@link decodeFile} takes; latents are cut as they were encoded unless `tiling` says otherwise. */
export type DecodeFileOptions = VideoOutputOptions & PlanChoice & ResumeOptions & LongCallOptions & KnownLatentsInfo;

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
  await using reader = await openLatents(source, pickKnown(options));
  const { info, shape } = reader;
  assertDecodable(source, info, shape, strides(model.config));
  const { width, height, fps } = info;
  const plan = planDecoding(model, info, options);
  const { tiling } = plan;
  const output = await createVideoWriter(target, { width, height, fps, format, codec, quality, lossless, signal });
  const writer = writeBehind(output, aheadOf(info, tiling));
  const rms = new RootMeanSquare();
  try {
    await decodeInto(writer, { model, reader, source, target, rms }, { ...options, tiling });
  } catch (error) {
    await writer.abort();
    throw error;
  }
  const notes = [modelNote(info, model), scaleNote(info, rms, model.config.scalingFactor)].filter(
    (note) => note !== undefined,
  );
  return { ...info, ...outcome(shape, started, target), plan, note: notes.join(' ') || undefined };
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
  rms: RootMeanSquare;
}

async function decodeInto(
  writer: FrameWriter,
  { model, reader, source, target, rms }: DecodeJob,
  { tiling, resume, force, onProgress, signal }: Planned<DecodeFileOptions>,
): Promise<void> {
  const { width, height, fps, frames } = reader.info;
  const settings = { job: 'decode', source, info: reader.info, tiling };
  const job = resume ? await openJob(partialPath(target), model, settings, { resume, force }) : undefined;
  const { framesStore } = await import('#node/frames-store');
  const store = job && framesStore<null>(job, { width, height });
  const groups = decodeGroups(
    model,
    passing(reader.chunks(), (chunk) => rms.add(chunk)),
    {
      tiling,
      width,
      height,
      fps,
      frames,
      skip: (index) => store?.has(index) ?? false,
      onProgress,
      signal,
    },
  );
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
  const needed = [
    Math.ceil((info.frames - 1) / time) + 1,
    Math.ceil(info.height / space),
    Math.ceil(info.width / space),
  ];
  if (String(needed) !== String([count, rows, columns])) {
    throw new MediaError(
      `${label}: its latents must be [time, height, width] [${needed.join(', ')}] for ${info.frames} frames of ` +
        `${info.width}x${info.height}, but are [${count}, ${rows}, ${columns}].`,
    );
  }
}

/** The part of the options that describes latents without metadata. */
function pickKnown({ fps, width, height, frames }: KnownLatentsInfo): KnownLatentsInfo {
  return { fps, width, height, frames };
}

/** What to know where the latents are another model's; the same weights may go by several names. */
function modelNote(info: LatentsInfo, { label, weightHash }: Model): string | undefined {
  if (info.model === RAW_MODEL) return undefined;
  const isSame = info.weights && weightHash ? info.weights === weightHash : info.model === label;
  if (isSame) return undefined;
  const named = info.model === label ? 'other weights of that name' : `"${label}"`;
  return `"${info.model}" made the latents, ${named} rebuilt them.`;
}
