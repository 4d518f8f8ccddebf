import { getBackend } from '@tensorflow/tfjs-core';

import type { LatentChunk } from './latents.ts';
import type { LatentsInfo } from './latents-info.ts';
import type { TilingPlan } from './memory-plan.ts';

/** What came of coding a file. */
export interface CodeReport extends LatentsInfo {
  /** In PyTorch's order, `[batch, channels, time, height, width]`. */
  readonly latentShape: readonly number[];
  /** Seed of the latents that were drawn; there where `sample` is set. */
  readonly seed?: number | undefined;
  readonly seconds: number;
  readonly backend: string;
  readonly output: string;
  /** How the video was cut, and what memory that was expected to need. */
  readonly plan: TilingPlan;
  /** What was done to make the video fit, or what to know of the model, in a sentence; undefined where nothing was. */
  readonly note: string | undefined;
}

/** The part of a report that every job has. */
export function outcome(shape: LatentChunk['shape'], started: number, output: string) {
  const [time, height, width, channels] = shape;
  const seconds = (performance.now() - started) / 1000;
  return { latentShape: [1, channels, time, height, width], seconds, backend: getBackend(), output };
}
