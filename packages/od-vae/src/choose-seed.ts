import { ConfigError, randomSeed } from '@od-vae/core';

import type { PosteriorOptions } from './encode-frames.ts';

/**
 * Returns the seed of a draw: the one of the options, that of the job that is resumed, or a fresh one.
 *
 * @param folder the parts of the job, if it is resumed
 * @throws ConfigError when the seed is not an integer
 */
export async function chooseSeed({ sample = false, seed }: PosteriorOptions, folder?: string): Promise<number> {
  if (seed !== undefined && !(Number.isSafeInteger(seed) && seed >= 0)) {
    throw new ConfigError(`seed must be an integer from 0 to ${Number.MAX_SAFE_INTEGER}, but is ${seed}.`);
  }
  if (seed !== undefined || !sample) return seed ?? 0;
  const begun = folder === undefined ? undefined : (await import('#node/job-folder')).begunSettings(folder);
  const before = (await begun)?.['seed'];
  return typeof before === 'number' ? before : randomSeed();
}
