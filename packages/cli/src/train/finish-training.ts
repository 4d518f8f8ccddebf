import { join } from 'node:path';

import { exportModel, joinDifferences, readCheckpointRecord, restoreCheckpoint, runTraining } from '@od-vae/training';

import type { OutputFlags } from '../output/output-options.ts';
import type { Streams } from '../streams.ts';
import type { PreparedTraining } from './prepare-training.ts';
import { describeRun, FREE_SETTINGS, type RunSettings } from './run-settings.ts';
import type { TrainConfig } from './train-config.ts';
import { trainingLine } from './training-line.ts';

/** What a finished run left. */
export interface TrainingReport {
  readonly steps: number;
  /** The last checkpoint. */
  readonly checkpoint: string;
  /** Folder of the trained model, under the official names. */
  readonly model: string;
  /** Remarks on a resumed run: settings that differ, with `--force`, or that its checkpoint does not record. */
  readonly note: string | undefined;
  /** Videos that could not be read. */
  readonly skipped: readonly { readonly file: string; readonly reason: string }[];
}

/** How a training runs. */
interface TrainingFlags {
  readonly streams: Streams;
  readonly flags: OutputFlags;
  /** A checkpoint. */
  readonly resumeFrom: string | undefined;
  /** Resumes a run of other settings. */
  readonly force: boolean;
}

/** Runs a prepared training to its end, from a checkpoint where one is given, and exports the model. */
export async function finishTraining(
  config: TrainConfig,
  { trainer, videos, skipped, clips }: PreparedTraining,
  { streams, flags, resumeFrom, force }: TrainingFlags,
): Promise<TrainingReport> {
  const run = await describeRun(config, videos.files);
  const note = resumeFrom === undefined ? undefined : await resume(trainer, resumeFrom, { run, force });
  const checkpoint = await runTraining(trainer, {
    folder: config.output,
    clips,
    saveEvery: config.saveEvery,
    keep: config.keep,
    imagesEvery: config.imagesEvery,
    run,
    onStep: trainingLine(streams, flags, config.steps),
    signal: streams.signal,
  });
  streams.signal.throwIfAborted();
  const model = join(config.output, 'model');
  await exportModel(model, trainer);
  const broken = Array.from(skipped(), ([file, reason]) => ({ file, reason }));
  return { steps: trainer.state.step, checkpoint, model, note, skipped: broken };
}

/** Restores a checkpoint and returns a remark where its settings differ or are not known. */
async function resume(
  trainer: PreparedTraining['trainer'],
  path: string,
  { run, force }: { run: RunSettings; force: boolean },
): Promise<string | undefined> {
  const { run: saved } = await readCheckpointRecord(path);
  const hasFiles = typeof saved === 'object' && saved !== null && 'videos' in saved;
  const free = hasFiles ? FREE_SETTINGS : [...FREE_SETTINGS, 'videos', 'lpips'];
  const { differences } = await restoreCheckpoint(trainer, path, { run, free, force });
  if (differences.length > 0) return `The run was resumed although ${joinDifferences(differences)}.`;
  return hasFiles ? undefined : `${path} does not record its videos, so they were not compared.`;
}
