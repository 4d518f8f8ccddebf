import { join } from 'node:path';

import { exportModel, restoreCheckpoint, runTraining } from '@od-vae/training';

import type { OutputFlags } from '../output/output-options.ts';
import type { Streams } from '../streams.ts';
import type { PreparedTraining } from './prepare-training.ts';
import type { TrainConfig } from './train-config.ts';
import { trainingLine } from './training-line.ts';

/** What a finished run left. */
export interface TrainingReport {
  readonly steps: number;
  /** The last checkpoint. */
  readonly checkpoint: string;
  /** Folder of the trained model, under the official names. */
  readonly model: string;
  /** Videos that could not be read. */
  readonly skipped: readonly { readonly file: string; readonly reason: string }[];
}

/** Runs a prepared training to its end, from a checkpoint where one is given, and exports the model. */
export async function finishTraining(
  config: TrainConfig,
  { trainer, skipped, clips }: PreparedTraining,
  { streams, flags, resumeFrom }: { streams: Streams; flags: OutputFlags; resumeFrom: string | undefined },
): Promise<TrainingReport> {
  if (resumeFrom !== undefined) await restoreCheckpoint(trainer, resumeFrom);
  const checkpoint = await runTraining(trainer, {
    folder: config.output,
    clips,
    saveEvery: config.saveEvery,
    keep: config.keep,
    imagesEvery: config.imagesEvery,
    run: config,
    onStep: trainingLine(streams, flags, config.steps),
    signal: streams.signal,
  });
  streams.signal.throwIfAborted();
  const model = join(config.output, 'model');
  await exportModel(model, trainer);
  const broken = Array.from(skipped(), ([file, reason]) => ({ file, reason }));
  return { steps: trainer.state.step, checkpoint, model, skipped: broken };
}
