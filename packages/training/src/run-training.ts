import { removeAbandoned } from '@od-vae/core/files';
import { decode, DiagonalGaussian, encode } from '@od-vae/models';
import { clipByValue, type Tensor5D, tidy } from '@tensorflow/tfjs-core';

import { saveCheckpoint, type SaveOptions } from './checkpoint/save-checkpoint.ts';
import { encodePng } from './log/encode-png.ts';
import { type LogLine, openRunLog, type RunLog } from './log/run-log.ts';
import type { LoggedImage } from './log/tensorboard-record.ts';
import type { Trainer } from './trainer.ts';
import { TrainingError } from './training-error.ts';

/** What a run is made of beside its trainer. */
export interface RunOptions extends SaveOptions {
  /** Where checkpoints and logs go. */
  readonly folder: string;
  /** The clips of a step, counted from 1; the run frees them. A step's clips must not depend on what was asked before. */
  readonly clips: (step: number) => Promise<readonly Tensor5D[]>;
  /** Steps between two checkpoints; 500. The last step always makes one. */
  readonly saveEvery?: number | undefined;
  /** Steps between two pictures in TensorBoard, original above rebuilt; 500, 0 for none. */
  readonly imagesEvery?: number | undefined;
  readonly onStep?: ((line: LogLine) => void) | undefined;
  /** Ends the run after the step in progress, with a checkpoint. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Trains to the last step of the trainer's options, with logs and checkpoints on the way; Node only.
 *
 * @returns the path of the last checkpoint
 * @throws TrainingError when a step gives no finite numbers; the state before it is saved first
 */
export async function runTraining(trainer: Trainer, options: RunOptions): Promise<string> {
  const { folder, saveEvery = 500, imagesEvery = 500 } = options;
  const { state } = trainer;
  await removeAbandoned(folder);
  const log = await openRunLog(folder, state.step);
  let saved: { step: number; path: string } | undefined;
  const save = async (): Promise<string> => {
    if (saved?.step !== state.step) saved = { step: state.step, path: await saveCheckpoint(folder, trainer, options) };
    return saved.path;
  };
  while (state.step < trainer.options.steps && !options.signal?.aborted) {
    const clips = await options.clips(state.step + 1);
    try {
      const line = await timedStep(trainer, clips).catch(async (error: unknown) => {
        if (!(error instanceof TrainingError)) throw error;
        throw new TrainingError(`${error.message} The state before it is in ${await save()}.`, { cause: error });
      });
      await log.step(line);
      options.onStep?.(line);
      if (imagesEvery > 0 && state.step % imagesEvery === 0) await logImages(log, trainer, clips[0]!);
    } finally {
      for (const clip of clips) clip.dispose();
    }
    if (state.step % saveEvery === 0) await save();
  }
  return save();
}

async function timedStep(trainer: Trainer, clips: readonly Tensor5D[]): Promise<LogLine> {
  const begin = performance.now();
  const report = await trainer.train(clips);
  return { ...report, seconds: (performance.now() - begin) / 1000, time: Date.now() };
}

/** The first, middle and last frame of a clip beside each other, above what the model makes of them. */
async function logImages(log: RunLog, { state, options }: Trainer, clip: Tensor5D): Promise<void> {
  const rebuilt = tidy(() => {
    using posterior = new DiagonalGaussian(encode(state.generator, clip, options.config));
    return clipByValue(decode(state.generator, posterior.mean, options.config), -1, 1) as Tensor5D;
  });
  const rows = [(await clip.data()) as Float32Array, (await rebuilt.data()) as Float32Array];
  rebuilt.dispose();
  await log.images(state.step, { reconstruction: sheet(rows, clip.shape) });
}

function sheet(rows: readonly Float32Array[], [, time, height, width]: Tensor5D['shape']): LoggedImage {
  const frames = [...new Set([0, Math.floor(time / 2), time - 1])];
  const [totalWidth, totalHeight] = [frames.length * width, rows.length * height];
  const rgb = new Uint8Array(3 * totalWidth * totalHeight);
  for (const [row, values] of rows.entries()) {
    for (const [column, frame] of frames.entries()) {
      for (let y = 0; y < height; y++) {
        const from = 3 * width * (frame * height + y);
        const to = 3 * ((row * height + y) * totalWidth + column * width);
        for (let i = 0; i < 3 * width; i++) rgb[to + i] = Math.round((values[from + i]! + 1) * 127.5);
      }
    }
  }
  return { width: totalWidth, height: totalHeight, png: encodePng(totalWidth, totalHeight, rgb) };
}
