/** Which frames of a video make a clip. */
export interface WindowOptions {
  /** Frames of a clip. */
  readonly frames: number;
  /** Frames of the video for each of the clip's; 1. */
  readonly sampleRate?: number | undefined;
  /** Draws the rate anew for each clip, from 1 to `sampleRate`; false. */
  readonly dynamicRate?: boolean | undefined;
}

/**
 * Indices of a clip's frames as the authors draw them: a window of `frames * rate` frames begins anywhere, and the clip's
 * frames are spread evenly over it, first and last included. A video that is shorter than the window is taken whole, its
 * frames repeated where it has too few.
 *
 * @param random uniform in [0, 1)
 */
export function frameWindow(
  frameCount: number,
  { frames, sampleRate = 1, dynamicRate = false }: WindowOptions,
  random: () => number,
): number[] {
  const rate = dynamicRate ? 1 + Math.floor(random() * sampleRate) : sampleRate;
  const size = frames * rate;
  const lastBegin = Math.max(0, frameCount - size - 1);
  const begin = Math.floor(random() * (lastBegin + 1));
  const end = Math.min(begin + size, frameCount);
  const distance = frames > 1 ? (end - 1 - begin) / (frames - 1) : 0;
  // A sum that lies a rounding below a whole number is that number.
  return Array.from({ length: frames }, (_, index) => Math.trunc(begin + index * distance + 1e-9));
}
