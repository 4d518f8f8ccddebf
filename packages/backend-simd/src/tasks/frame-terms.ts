import type { ConvolutionGeometry } from './convolution-geometry.ts';

/** Temporal taps that follow one another and read the same frame, so that their weights are summed. */
export interface Slab {
  readonly first: number;
  readonly count: number;
}

/** One product of an output frame: the frame that is read and the taps that read it. */
export interface FrameTerm extends Slab {
  readonly frame: number;
}

/** Consecutive output frames of which each reads the same slabs, at frames that move on with it. */
export interface FrameRun {
  readonly frame: number;
  readonly frames: number;
  /** Of the first frame of the run. */
  readonly terms: readonly FrameTerm[];
}

/**
 * What a frame of a causal convolution is the sum of.
 *
 * The first frame stands for all frames before the clip, so taps that reach back beyond it read one frame together: an
 * image, or the first frame of a clip, costs one product and not as many as there are taps.
 */
export function frameTerms({ kernel, strides }: ConvolutionGeometry, frame: number): FrameTerm[] {
  const terms: FrameTerm[] = [];
  for (let tap = 0; tap < kernel.time; tap++) {
    const read = Math.max(0, frame * strides.time - (kernel.time - 1) + tap);
    const last = terms.at(-1);
    if (last?.frame === read) terms[terms.length - 1] = { ...last, count: last.count + 1 };
    else terms.push({ frame: read, first: tap, count: 1 });
  }
  return terms;
}

/** Cuts frames into runs; the frames of one read slabs of the same weights. */
export function frameRuns(geometry: ConvolutionGeometry, begin: number, end: number): FrameRun[] {
  const runs: FrameRun[] = [];
  let before = '';
  for (let frame = begin; frame < end; frame++) {
    const terms = frameTerms(geometry, frame);
    const pattern = terms.map((term) => [term.frame - frame * geometry.strides.time, term.first, term.count]).join(';');
    const last = runs.at(-1);
    if (last && pattern === before) runs[runs.length - 1] = { ...last, frames: last.frames + 1 };
    else runs.push({ frame, frames: 1, terms });
    before = pattern;
  }
  return runs;
}
