import { ConfigError, environment } from '@od-vae/core/base';

/**
 * Threads to compute with: the option, else `OD_VAE_THREADS`, else one for each core that this process may use.
 *
 * @throws ConfigError when the number is not a whole one from 1 to 64.
 */
export function threadCount(wanted?: number): number {
  const asked = wanted ?? environment('OD_VAE_THREADS');
  if (asked === undefined) return Math.min(64, cores());
  const threads = Number(asked);
  if (!Number.isInteger(threads) || threads < 1 || threads > 64) {
    throw new ConfigError(`simd: threads must be a whole number from 1 to 64, but is ${asked}.`);
  }
  return threads;
}

function cores(): number {
  if (typeof process !== 'undefined' && process.getBuiltinModule) {
    return process.getBuiltinModule('node:os').availableParallelism();
  }
  return globalThis.navigator?.hardwareConcurrency ?? 1;
}
