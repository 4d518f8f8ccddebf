import { type FrameQuality, type Picture, type QualityReport, VideoQuality } from '@od-vae/metrics';

import { type FrameSeams, scoreSeams } from './seams.ts';

/** How well one frame was rebuilt, as a whole and at its seams. */
export type FrameScore = FrameQuality & FrameSeams;

/** Scores of a video's frames, one after the other. */
export class FrameScores {
  readonly #quality = new VideoQuality();
  readonly #frames: FrameScore[] = [];
  readonly #makeMask: () => Uint8Array | undefined;
  #mask: { readonly pixels: Uint8Array | undefined } | undefined;

  /** @param makeMask which pixels lie near seams; asked for with the first frame */
  constructor(makeMask: () => Uint8Array | undefined) {
    this.#makeMask = makeMask;
  }

  /** Scores the next frame. */
  add(original: Picture, rebuilt: Picture): FrameScore {
    this.#mask ??= { pixels: this.#makeMask() };
    const score = { ...this.#quality.add(original, rebuilt), ...scoreSeams(original, rebuilt, this.#mask.pixels) };
    this.#frames.push(score);
    return score;
  }

  /** Counts a frame that was scored before. */
  addScored(score: FrameScore): void {
    this.#quality.addScored(score);
    this.#frames.push(score);
  }

  /** The scores so far. */
  report(): QualityReport & { readonly perFrame: readonly FrameScore[] } {
    return { ...this.#quality.report(), perFrame: [...this.#frames] };
  }
}
