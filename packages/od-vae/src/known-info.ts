import { ConfigError, MediaError } from '@od-vae/core';

/** Metadata of latents, given by the caller where the file lacks it. */
export interface KnownLatentsInfo {
  /** Frames per second. */
  fps?: number | undefined;
  /** Width of the video in pixels. */
  width?: number | undefined;
  /** Height of the video in pixels. */
  height?: number | undefined;
  /** Frames of the video; by default as many as the latents give. */
  frames?: number | undefined;
}

const FIELDS = ['fps', 'width', 'height', 'frames'] as const;

/**
 * Adds to metadata what the caller knows.
 *
 * @throws ConfigError when both have a field with different values
 */
export function withKnown(
  label: string,
  metadata: Readonly<Record<string, string>>,
  known: KnownLatentsInfo,
): Record<string, string> {
  const added: Record<string, string> = {};
  for (const key of FIELDS) {
    const value = known[key];
    if (value === undefined) continue;
    if (metadata[key] !== undefined && Number(metadata[key]) !== value) {
      throw new ConfigError(`${label}: ${key} must be that of its metadata, ${metadata[key]}, but is ${value}.`);
    }
    added[key] = String(value);
  }
  return { ...metadata, ...added };
}

/**
 * Returns the metadata of latents without any.
 *
 * @param time number of latent frames
 * @throws MediaError that names each field that the caller must give
 */
export function rawMetadata(label: string, time: number, known: KnownLatentsInfo): Record<string, string> {
  const missing = (['fps', 'width', 'height'] as const).filter((key) => known[key] === undefined);
  if (missing.length > 0) {
    throw new MediaError(
      `${label}: a latents file must hold "latents" [1, channels, time, height, width] and say "od-vae latents" as ` +
        `"format" of its metadata. Latents without metadata need ${missing.join(', ')} ` +
        `(${missing.map((key) => `--${key}`).join(', ')}).`,
    );
  }
  return withKnown(
    label,
    { model: RAW_MODEL, frames: String(known.frames ?? (time - 1) * 4 + 1), scalingFactor: '1' },
    known,
  );
}

/** Name of the model of latents that do not say which one made them. */
export const RAW_MODEL = 'unknown';
