import { countOdVaeParams } from '@od-vae/models';
import { dispose } from '@tensorflow/tfjs-core';

import type { Row } from '../output/print-report.ts';
import type { PreparedTraining } from './prepare-training.ts';
import type { TrainConfig } from './train-config.ts';

/** What a run would do, by one step on its first clips. */
export interface TrainingPlan {
  readonly steps: number;
  /** Of them, steps that train the discriminator. */
  readonly discriminatorSteps: number;
  readonly parameters: number;
  readonly videos: number;
  /** `[batch, time, height, width, 3]`. */
  readonly clipShape: readonly number[];
  /** Of the single pictures beside the clips, where there are any. */
  readonly pictureShape: readonly number[] | undefined;
  readonly batchesPerStep: number;
  /** Seconds of one generator step, after one to warm up. */
  readonly secondsPerStep: number;
  /** Largest memory that the process had so far, bytes. */
  readonly peakBytes: number;
  /** Hours of all steps, if each took as long. */
  readonly hours: number;
}

/** Measures two steps of a prepared run, which must not be trained afterwards. */
export async function planTraining(
  config: TrainConfig,
  { trainer, videos, clips }: PreparedTraining,
): Promise<TrainingPlan> {
  const batches = await clips(1);
  let seconds = 0;
  for (let run = 0; run < 2; run++) {
    trainer.state.step = Math.max(1, 2 * Math.ceil((config.discriminator?.start ?? 0) / 2)) - 1;
    const begin = performance.now();
    await trainer.train(batches);
    seconds = (performance.now() - begin) / 1000;
  }
  const [clipShape, lastShape] = [[...batches[0]!.shape], [...batches.at(-1)!.shape]];
  dispose(batches);
  const { steps, discriminator } = config;
  const alternating = discriminator ? Math.max(0, steps - Math.max(1, discriminator.start) + 1) : 0;
  return {
    steps,
    discriminatorSteps: Math.floor(alternating / 2),
    parameters: countOdVaeParams(trainer.options.config).total,
    videos: videos.files.length,
    clipShape,
    pictureShape: config.data.images ? lastShape : undefined,
    batchesPerStep: config.accumulate,
    secondsPerStep: seconds,
    peakBytes: process.resourceUsage().maxRSS * 1024,
    hours: (seconds * steps) / 3600,
  };
}

/** A plan as lines of a table. */
export function planRows(plan: TrainingPlan): Row[] {
  return [
    ['steps', `${plan.steps}, ${plan.discriminatorSteps} of them for the discriminator`],
    ['parameters', plan.parameters.toLocaleString('en')],
    ['videos', plan.videos],
    ['clips', `${plan.clipShape.join(' x ')}, ${plan.batchesPerStep} a step`],
    ...(plan.pictureShape ? [['pictures', plan.pictureShape.join(' x ')] as const] : []),
    ['one step', `${plan.secondsPerStep.toFixed(2)} s`],
    ['memory', `${(plan.peakBytes / 1e6).toFixed(0)} MB`],
    ['all steps', `${plan.hours.toFixed(1)} h`],
  ];
}
