import type { ConvolutionGeometry, FrameRule } from './convolution-geometry.ts';

/** Temporal taps that follow one another and read the same frame, so that their weights are summed. */
export interface Slab {
  readonly first: number;
  readonly count: number;
}

/** Where a slab is in a list; -1 where it is not. */
export function slabIndex(slabs: readonly Slab[], { first, count }: Slab): number {
  return slabs.findIndex((slab) => slab.first === first && slab.count === count);
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
 * What a frame of a convolution is the sum of, in the order of the frames that it reads; nothing where those lie outside.
 *
 * The first frame stands for all frames before the clip, so taps that reach back beyond it read one frame together: an
 * image, or the first frame of a clip, costs one product and not as many as there are taps. Backward, the same frame
 * collects what all those taps hand it.
 */
export function frameTerms(geometry: ConvolutionGeometry, frame: number): readonly FrameTerm[] {
  let known = KNOWN.get(geometry);
  if (!known) KNOWN.set(geometry, (known = []));
  return (known[frame] ??= computeTerms(geometry, frame));
}

/** Terms of the geometries that calls are made of, which many jobs ask for. */
const KNOWN = new WeakMap<ConvolutionGeometry, (readonly FrameTerm[])[]>();

function computeTerms(geometry: ConvolutionGeometry, frame: number): FrameTerm[] {
  const { kernel, input } = geometry;
  const rule = geometry.frames ?? causalRule(geometry);
  const terms: FrameTerm[] = [];
  const add = (read: number, tap: number) => {
    const last = terms.at(-1);
    if (last?.frame === read) terms[terms.length - 1] = { ...last, count: last.count + 1 };
    else terms.push({ frame: read, first: tap, count: 1 });
  };
  const taps = [...Array(kernel.time).keys()];
  if (rule.direction === 'forward') {
    for (const tap of taps) {
      const read = sourceFrame(rule, frame, tap);
      if (read >= 0 && read < input.time) add(read, tap);
    }
  } else {
    const last = Math.floor((frame + rule.before) / rule.stride);
    for (let read = 0; read <= Math.min(input.time - 1, last); read++) {
      for (const tap of taps) if (sourceFrame(rule, read, tap) === frame) add(read, tap);
    }
  }
  return terms;
}

/** The rule of a causal convolution: the first frame is repeated so often that each output has one frame for each tap. */
export function causalRule({ kernel, strides }: Pick<ConvolutionGeometry, 'kernel' | 'strides'>): FrameRule {
  return { direction: 'forward', stride: strides.time, before: kernel.time - 1, edge: 'repeat' };
}

function sourceFrame({ stride, before, edge }: FrameRule, frame: number, tap: number): number {
  const source = frame * stride - before + tap;
  return edge === 'repeat' ? Math.max(0, source) : source;
}

/** Cuts frames into runs; the frames of one read slabs of the same weights. */
export function frameRuns(geometry: ConvolutionGeometry, begin: number, end: number): FrameRun[] {
  const runs: FrameRun[] = [];
  for (let frame = begin; frame < end; frame++) {
    const terms = frameTerms(geometry, frame);
    const last = runs.at(-1);
    const moved = last && (frame - last.frame) * geometry.strides.time;
    if (last && movesOn(last.terms, terms, moved!)) runs[runs.length - 1] = { ...last, frames: last.frames + 1 };
    else runs.push({ frame, frames: 1, terms });
  }
  return runs;
}

function movesOn(before: readonly FrameTerm[], terms: readonly FrameTerm[], frames: number): boolean {
  if (before.length !== terms.length) return false;
  return terms.every(({ frame, first, count }, index) => {
    const other = before[index]!;
    return frame === other.frame + frames && first === other.first && count === other.count;
  });
}
