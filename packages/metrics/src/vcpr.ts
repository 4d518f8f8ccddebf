import { ConfigError } from '@od-vae/core/base';

/**
 * Video compression ratio as the paper counts it: the product of the strides in time, height and width, 256 for 4x8x8.
 *
 * Channels do not count, nor does the first frame, which is a latent frame of its own.
 */
export function vcpr(strides: readonly number[]): number {
  if (!Array.isArray(strides)) {
    throw new ConfigError(`vcpr: strides must be an array such as [4, 8, 8], but are ${String(strides)}.`);
  }
  if (strides.length === 0 || !strides.every((stride) => Number.isInteger(stride) && stride > 0)) {
    throw new ConfigError(`vcpr: strides must be whole numbers of at least 1, but are [${strides}].`);
  }
  return strides.reduce((product, stride) => product * stride, 1);
}
