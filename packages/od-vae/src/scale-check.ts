import type { LatentChunk } from './latents.ts';
import type { LatentsInfo } from './latents-info.ts';

/** Root mean square times the scaling factor: about 1 for most videos, and less than this for latents that were scaled. */
const SMALLEST = 0.3;

/** Largest change of the root mean square that passes without a remark, as a factor. */
const LARGEST_CHANGE = 1.25;

/** The root mean square of the values of all chunks. */
export class RootMeanSquare {
  #squares = 0;
  #count = 0;

  add({ data }: LatentChunk): void {
    for (const value of data) this.#squares += value * value;
    this.#count += data.length;
  }

  /** Six digits of it; undefined where all values are zero. */
  get value(): number | undefined {
    return this.#squares > 0 ? Number(Math.sqrt(this.#squares / this.#count).toPrecision(6)) : undefined;
  }
}

/**
 * Returns a remark on latents that seem to be scaled: by comparison with what the encoder wrote into the metadata, or, for
 * latents of other programs, where they are much smaller than those of a model with this scaling factor.
 */
export function scaleNote(
  { rms: written, architecture }: LatentsInfo,
  { value: read }: RootMeanSquare,
  scalingFactor: number,
): string | undefined {
  if (read === undefined) return undefined;
  if (written !== undefined) {
    if (Math.max(read / written, written / read) < LARGEST_CHANGE) return undefined;
    return (
      `The latents were changed after encoding: their root mean square was ${written} and is ${read}. ` +
      `If they were scaled, undo that before decoding.`
    );
  }
  if (architecture !== undefined || read * scalingFactor >= SMALLEST) return undefined;
  return (
    `The latents are small (root mean square ${read}): if they were multiplied with the scaling factor, divide them by ` +
    `${scalingFactor} before decoding.`
  );
}
