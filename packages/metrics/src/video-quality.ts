import type { Picture, PictureOptions } from './picture.ts';
import { psnr } from './psnr.ts';
import { ssim, SSIM_WINDOW } from './ssim.ts';

/** How well one frame was rebuilt. */
export interface FrameQuality {
  /** Decibels, at most 100. */
  readonly psnr: number;
  /** Undefined where the frame is below 11 px along a side. */
  readonly ssim: number | undefined;
}

/** How well a video was rebuilt: means over its frames. */
export interface QualityReport {
  /** Decibels; undefined when there were no frames. */
  readonly psnr: number | undefined;
  /** Undefined when there were no frames, or one was below 11 px along a side. */
  readonly ssim: number | undefined;
  readonly frames: number;
  readonly perFrame: readonly FrameQuality[];
}

/** PSNR and SSIM of a video, frame by frame; only the scores are kept, so videos may be of any length. */
export class VideoQuality {
  readonly #options: PictureOptions;
  readonly #frames: FrameQuality[] = [];

  constructor(options: PictureOptions = {}) {
    this.#options = options;
  }

  /**
   * Scores the next frame.
   *
   * @throws ShapeError when the sizes differ, or the pictures are neither grey nor RGB; the frame is not counted then
   */
  add(original: Picture, rebuilt: Picture): FrameQuality {
    const hasSsim = original.width >= SSIM_WINDOW && original.height >= SSIM_WINDOW;
    const quality = {
      psnr: psnr(original, rebuilt, this.#options),
      ssim: hasSsim ? ssim(original, rebuilt, this.#options) : undefined,
    };
    this.#frames.push(quality);
    return quality;
  }

  /** Counts a frame that was scored before, as when work goes on where it stopped. */
  addScored(quality: FrameQuality): void {
    this.#frames.push(quality);
  }

  /** The scores so far. */
  report(): QualityReport {
    return {
      psnr: mean(this.#frames.map((frame) => frame.psnr)),
      ssim: mean(this.#frames.map((frame) => frame.ssim)),
      frames: this.#frames.length,
      perFrame: [...this.#frames],
    };
  }
}

function mean(values: readonly (number | undefined)[]): number | undefined {
  let sum = 0;
  for (const value of values) {
    if (value === undefined) return undefined;
    sum += value;
  }
  return values.length > 0 ? sum / values.length : undefined;
}
