import type { LongCallOptions } from '@od-vae/core';
import { strides } from '@od-vae/models';
import type { ReadOptions, VideoReader } from '@od-vae/video';

import { type Extent, fittedExtent, type FramePolicy } from './frame-policy.ts';
import type { TilingPlan } from './memory-plan.ts';
import type { Model } from './model.ts';
import { type PlanChoice, planFor } from './plan-choice.ts';

/** What of a video is read, and how it is made to fit. */
export interface VideoInputOptions extends Pick<ReadOptions, 'start' | 'frames' | 'fps' | 'shortSide' | 'crop'> {
  /** `'pad'` by default: what does not fit is padded, and the result is cut back. */
  framePolicy?: FramePolicy | undefined;
}

/** The part of the options that the reader of a video takes. */
export function readOptions({
  start,
  frames,
  fps,
  shortSide,
  crop,
  signal,
}: VideoInputOptions & LongCallOptions): ReadOptions {
  return { start, frames, fps, shortSide, crop, signal };
}

/** What the model sees of a video, and what of that is kept; refuses early what the policy refuses. */
export function extentsOf(
  reader: VideoReader,
  model: Model,
  policy: FramePolicy,
): { fitted: Extent; kept: { width: number; height: number }; total: number | undefined } {
  const clip = { frames: reader.frameCount ?? 1, width: reader.width, height: reader.height };
  const fitted = fittedExtent('encode', clip, strides(model.config), policy);
  const { width, height } = policy === 'trim' ? fitted : clip;
  return { fitted, kept: { width, height }, total: reader.frameCount === undefined ? undefined : fitted.frames };
}

/**
 * The plan for a video that is open.
 *
 * @throws ConfigError when it does not fit into memory, ShapeError when it does not fit the model and the policy refuses it
 */
export function planReading(reader: VideoReader, model: Model, options: VideoInputOptions & PlanChoice): TilingPlan {
  extentsOf(reader, model, options.framePolicy ?? 'pad');
  return planFor(model, options, { width: reader.width, height: reader.height, frames: reader.frameCount });
}
