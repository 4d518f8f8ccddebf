import { BackendError } from '@od-vae/core';
import { describe, expect, it } from 'vitest';

import { chooseLevel, compileKernels } from '../compile.ts';
import { sharedFloats } from '../shared-floats.ts';
import { ADDITION_CHUNK } from '../tasks/addition.ts';
import { ThreadPool } from './thread-pool.ts';

const module = compileKernels(chooseLevel());
const JOBS = 24;

/** Doubles an array in jobs that last long enough for a worker to take one. */
function double(pool: ThreadPool): Float32Array {
  const a = sharedFloats(JOBS * ADDITION_CHUNK).fill(1);
  const y = sharedFloats(a.length);
  pool.run('addition', { a, b: a, y }, JOBS);
  return y;
}

describe('ThreadPool', () => {
  it('computes all jobs, before its workers answer and after', async () => {
    const pool = new ThreadPool({ threads: 3, module });
    expect(double(pool).every((value) => value === 2)).toBe(true);
    await pool.started();
    expect(double(pool).every((value) => value === 2)).toBe(true);
    await pool.close();
  });

  it.each([
    ['ends in the middle of a job', ''],
    ['fails in the middle of a job', '#throws'],
  ])('does not wait for a worker that %s', async (_, fragment) => {
    const program = new URL(`../../fixtures/dying-worker.mjs${fragment}`, import.meta.url);
    const pool = new ThreadPool({ threads: 2, module, program, patience: 300 });
    await pool.started();
    expect(() => double(pool)).toThrow(BackendError);
    await pool.close();
  });

  it('says so when a worker ended between two calls, and starts another', async () => {
    const program = new URL('../../fixtures/dying-worker.mjs', import.meta.url);
    const pool = new ThreadPool({ threads: 2, module, program, patience: 300 });
    await pool.started();
    expect(() => double(pool)).toThrow('jobs were taken and not finished; the next call starts new ones.');
    await pool.started();
    expect(() => double(pool)).toThrow('simd: a worker thread failed');
    await pool.close();
  });

  it('gives what a job throws, not a wait', () => {
    const pool = new ThreadPool({ threads: 1, module });
    const missing = { a: undefined, b: undefined, y: undefined } as never;
    expect(() => pool.run('addition', missing, 1)).toThrow(TypeError);
  });
});
