import { concat, reshape, slice, tidy, type Tensor5D } from '@tensorflow/tfjs-core';

/** Frames of a clip by index, in the order asked for; an index may come twice. Neighbours are copied together. */
export function pickFrames(clip: Tensor5D, indices: readonly number[]): Tensor5D {
  const [batch, time, height, width, channels] = clip.shape;
  if (indices.length === time && indices.every((index, position) => index === position)) return clip.clone();
  const area = height * width * channels;
  return tidy('pickFrames', () => {
    const rows = reshape(clip, [batch, time, area]);
    const runs = consecutiveRuns(indices).map(([begin, length]) => slice(rows, [0, begin, 0], [batch, length, area]));
    return reshape(concat(runs, 1), [batch, indices.length, height, width, channels]);
  });
}

function consecutiveRuns(indices: readonly number[]): [begin: number, length: number][] {
  const runs: [begin: number, length: number][] = [];
  for (const index of indices) {
    const last = runs.at(-1);
    if (last && last[0] + last[1] === index) last[1] += 1;
    else runs.push([index, 1]);
  }
  return runs;
}

/** For each output frame, the frame that a causal tap reads `delay` frames back; before the clip that is its first frame. */
export function causalSources(time: number, stride: number, delay: number): number[] {
  const outTime = Math.floor((time - 1) / stride) + 1;
  return Array.from({ length: outTime }, (_, t) => Math.max(0, t * stride - delay));
}
