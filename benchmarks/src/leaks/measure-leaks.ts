import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import type { LeakSample } from '../report/result.ts';

/** Options of {@link measureLeaks}. */
export interface LeakOptions {
  readonly work: LeakSample['work'];
  readonly rounds: number;
  /** Rounds from one sample to the next. */
  readonly every: number;
  readonly threads: number;
  readonly node: string;
}

/**
 * What a process holds that encodes and decodes a tiny clip again and again with the small model on `simd`, or trains a tiny
 * model with all of the recipe's losses. Reads Linux's `/proc`.
 */
export async function measureLeaks({ work, rounds, every, threads, node }: LeakOptions): Promise<LeakSample[]> {
  const script = fileURLToPath(new URL('../../dist/leaks/leaks-child.js', import.meta.url));
  const { stdout } = await promisify(execFile)(node, ['--expose-gc', script, work, String(rounds), String(every)], {
    env: { ...process.env, OD_VAE_THREADS: String(threads) },
  });
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as LeakSample);
}
