import { writeAtomically } from '@od-vae/core/files';

import type { StepReport } from '../trainer.ts';
import { eventRecord, type LoggedImage, versionRecord } from './tensorboard-record.ts';

/** One line of `log.jsonl`: a step's report and when it was done. */
export type LogLine = StepReport & {
  /** Seconds that the step took. */
  readonly seconds: number;
  /** Milliseconds since 1970. */
  readonly time: number;
};

/** Writes what happens in a run: `log.jsonl` for programs and an event file for TensorBoard. */
export interface RunLog {
  step(line: LogLine): Promise<void>;
  images(step: number, images: Readonly<Record<string, LoggedImage>>): Promise<void>;
}

/**
 * Opens the log of a run in a folder; Node only.
 *
 * A run that goes on from a step forgets the lines of later ones, which an ended process wrote after its last checkpoint,
 * and begins an event file of its own.
 */
export async function openRunLog(folder: string, fromStep: number): Promise<RunLog> {
  const { appendFile, mkdir, writeFile } = await import('#node/fs');
  const { join } = await import('#node/path');
  await mkdir(folder, { recursive: true });
  const lines = join(folder, 'log.jsonl');
  await dropLaterLines(lines, fromStep);
  const now = Date.now() / 1000;
  const events = join(folder, `events.out.tfevents.${Math.floor(now)}.od-vae.${process.pid}.${fromStep}`);
  await writeFile(events, versionRecord(now));
  return {
    step: async (line) => {
      await appendFile(lines, `${JSON.stringify(line)}\n`);
      await appendFile(events, eventRecord({ time: line.time / 1000, step: line.step, scalars: scalarsOf(line) }));
    },
    images: async (step, images) => appendFile(events, eventRecord({ time: Date.now() / 1000, step, images })),
  };
}

function scalarsOf({ kind, terms, psnr, gradientNorm, learningRate, seconds }: LogLine): Record<string, number> {
  const named = Object.entries(terms).map(([name, value]): [string, number] => [`${kind}/${name}`, value]);
  return {
    ...Object.fromEntries(named),
    ...(psnr === undefined ? {} : { 'generator/psnr': psnr }),
    [`${kind}/gradientNorm`]: gradientNorm,
    'run/learningRate': learningRate,
    'run/seconds': seconds,
  };
}

async function dropLaterLines(path: string, fromStep: number): Promise<void> {
  const { readFile } = await import('#node/fs');
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return;
  const kept = text.split('\n').filter((line) => stepOf(line) <= fromStep);
  await writeAtomically(path, kept.map((line) => `${line}\n`).join(''));
}

/** The step of a line; a line that was cut off belongs to no step that is kept. */
function stepOf(line: string): number {
  try {
    return (JSON.parse(line) as LogLine).step;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
