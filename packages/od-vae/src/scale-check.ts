import type { LatentChunk } from './latents.ts';

/** Root mean square of scaled latents, times the scaling factor once more, is below this for almost all videos. */
const SMALLEST = 0.3;

/** Finds latents that were multiplied with the scaling factor already. */
export interface ScaleCheck {
  add(chunk: LatentChunk): void;
  /** A remark for the user; undefined where the latents are as large as expected. */
  note(): string | undefined;
}

/** Creates a check for latents of a model with this scaling factor. */
export function scaleCheck(scalingFactor: number): ScaleCheck {
  let [squares, count] = [0, 0];
  return {
    add({ data }) {
      for (const value of data) squares += value * value;
      count += data.length;
    },
    note() {
      const scaled = Math.sqrt(squares / count) * scalingFactor;
      if (!(scaled > 0 && scaled < SMALLEST)) return undefined;
      return (
        `The latents are small (root mean square ${(scaled / scalingFactor).toPrecision(2)}): if they were multiplied ` +
        `with the scaling factor, divide them by ${scalingFactor} before decoding.`
      );
    },
  };
}
