import { MediaError } from '@od-vae/core';
import { describeConfig } from '@od-vae/models';
import type { Tiling } from '@od-vae/tiling';

import type { FramePolicy } from './frame-policy.ts';
import type { Model } from './model.ts';

/** What latents files and folders call themselves. */
export const LATENTS_FORMAT = 'od-vae latents';

/** What a latents file says beside its latents: all that decoding needs. */
export interface LatentsInfo {
  /** The model that made them, as it was named. */
  readonly model: string;
  /** SHA-256 of that model's weights; undefined where it could not be computed, and in older files. */
  readonly weights?: string | undefined;
  /** Which published architecture the model has, such as `variant 4 (release v1.2)`. */
  readonly architecture?: string | undefined;
  /** Frames that decoding keeps. */
  readonly frames: number;
  readonly width: number;
  readonly height: number;
  /** Frames a second. */
  readonly fps: number;
  /** What a diffusion model multiplies the latents with; the file holds them unscaled. */
  readonly scalingFactor: number;
  /** Root mean square of the latents as they were encoded; decoding remarks on latents that were scaled since. */
  readonly rms?: number | undefined;
  /** `mode`, or `sample` with its seed. */
  readonly posterior: string;
  /** How the video was cut, and is cut again unless a caller asks for something else. */
  readonly tiling?: Tiling | undefined;
  /** How the video was made to fit. */
  readonly framePolicy?: FramePolicy | undefined;
}

/** The part of {@link LatentsInfo} that the model says. */
export function modelInfo({
  label,
  weightHash,
  config,
}: Model): Pick<LatentsInfo, 'model' | 'weights' | 'architecture' | 'scalingFactor'> {
  return {
    model: label,
    ...(weightHash && { weights: weightHash }),
    architecture: describeConfig(config),
    scalingFactor: config.scalingFactor,
  };
}

/** The metadata of a file with this info: text for each field that there is. */
export function metadataOf(info: LatentsInfo): Record<string, string> {
  const texts = Object.entries(info)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => [key, typeof value === 'object' ? JSON.stringify(value) : String(value)]);
  return { format: LATENTS_FORMAT, ...Object.fromEntries(texts) };
}

/**
 * Returns the info of metadata.
 *
 * @throws MediaError that names every field that is missing or wrong
 */
export function parseLatentsInfo(label: string, metadata: Readonly<Record<string, string>>): LatentsInfo {
  const faults: string[] = [];
  const isCount = (value: number) => Number.isSafeInteger(value);
  const number = (key: keyof LatentsInfo, isAllowed: (value: number) => boolean = () => true): number => {
    const value = Number(metadata[key]);
    if (!metadata[key] || !Number.isFinite(value) || value <= 0 || !isAllowed(value)) {
      const kind = isAllowed === isCount ? 'positive integer' : 'positive number';
      const found = metadata[key] === undefined ? 'missing' : `"${metadata[key].slice(0, 100)}"`;
      faults.push(`"${key}" must be a ${kind}, but is ${found}`);
    }
    return value;
  };
  const { weights, architecture, framePolicy } = metadata;
  const info = {
    model: metadata['model'] ?? 'small',
    ...(weights && { weights }),
    ...(architecture && { architecture }),
    frames: number('frames', isCount),
    width: number('width', isCount),
    height: number('height', isCount),
    fps: number('fps'),
    scalingFactor: number('scalingFactor'),
    ...(metadata['rms'] !== undefined && { rms: number('rms') }),
    posterior: metadata['posterior'] ?? 'mode',
    ...(metadata['tiling'] && { tiling: parseTiling(metadata['tiling'], faults) }),
    ...(framePolicy && { framePolicy: parsePolicy(framePolicy, faults) }),
  };
  if (faults.length > 0) throw new MediaError(`${label}: the metadata's ${faults.join('; ')}.`);
  return info;
}

function parsePolicy(text: string, faults: string[]): FramePolicy {
  if (!isPolicy(text)) faults.push(`"framePolicy" must be pad, trim or error, but is "${text.slice(0, 100)}"`);
  return text as FramePolicy;
}

function isPolicy(text: string | undefined): text is FramePolicy {
  return text === 'pad' || text === 'trim' || text === 'error';
}

/** The tiling itself is checked where it is used; here only that it is one. */
function parseTiling(text: string, faults: string[]): Tiling {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  const areNumbers = (object: unknown, ...keys: string[]) =>
    typeof object === 'object' &&
    object !== null &&
    keys.every((key) => typeof (object as Record<string, unknown>)[key] === 'number');
  const { spatial } = (value ?? {}) as { spatial?: unknown };
  const isSpatial = spatial === undefined || areNumbers(spatial, 'sampleSize', 'latentSize', 'overlap');
  if (!areNumbers(value, 'frames', 'latents') || !isSpatial) {
    faults.push(`"tiling" must be a tiling as JSON, but is "${text.slice(0, 100)}"`);
  }
  return value as Tiling;
}
