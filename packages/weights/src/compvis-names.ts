import { CheckpointError } from '@od-vae/core/base';

/** Shapes by name. */
export type Shapes = ReadonlyMap<string, readonly number[]>;

const PARAMETER = /\.(?:weight|bias)$/;
const CAUSAL_PARAMETER = /\.conv\.(?:weight|bias)$/;

/**
 * Convolutions that are 3D but plain, so that they never have an inner `conv`: the time downsampler's own, and the
 * attention over time inside a sampler.
 */
const PLAIN_3D = /\.(?:time_downsample\.conv|time_(?:down|up)sample\.attn\.(?:q|k|v|proj_out))$/;

/**
 * A CompVis name for one of Open-Sora-Plan: the inner `conv` of a causal convolution goes away, its rank-5 weight shows
 * that it was there.
 *
 * @throws CheckpointError when an inner `conv` is not rank 5, because the way back would be lost
 */
export function toCompvisName(name: string, shapes: Shapes): string {
  if (!CAUSAL_PARAMETER.test(name)) return name;
  const outer = name.replace(CAUSAL_PARAMETER, '');
  if (outer.endsWith('sample')) return name;
  const rank = weightRank(name, shapes);
  if (rank !== 5) {
    throw new CheckpointError(
      `"${name}" has no CompVis name: without its inner "conv" a weight must have 5 dimensions to be told apart, but it has ${rank ?? 'none'}.`,
    );
  }
  return name.replace(CAUSAL_PARAMETER, (end) => end.replace('.conv', ''));
}

/** The opposite of {@link toCompvisName}: every convolution with a rank-5 weight is causal, but for the plain ones. */
export function fromCompvisName(name: string, shapes: Shapes): string {
  if (weightRank(name, shapes) !== 5 || PLAIN_3D.test(name.replace(PARAMETER, ''))) return name;
  return name.replace(PARAMETER, '.conv$&');
}

function weightRank(name: string, shapes: Shapes): number | undefined {
  return PARAMETER.test(name) ? shapes.get(name.replace(PARAMETER, '.weight'))?.length : undefined;
}
