import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { BackendError } from '@od-vae/core';
import { describe, expect, it } from 'vitest';

import { chooseKernels } from '../choose-kernels.ts';
import { sharedFloats } from '../shared-floats.ts';
import { ELEMENTWISE_CHUNK } from '../tasks/elementwise.ts';
import { TensorMemory } from '../tensor-memory.ts';
import { ThreadPool } from './thread-pool.ts';

const kernels = chooseKernels();
const JOBS = 24;

/** Doubles an array, unless told otherwise in jobs that last long enough for a worker to take one. */
function double(pool: ThreadPool, count = JOBS * ELEMENTWISE_CHUNK, floats = sharedFloats): Float32Array {
  const values = floats(count).fill(1);
  const y = floats(values.length);
  const a = { values, repeat: 1, period: values.length };
  pool.run('elementwise', { op: 'Add', a, b: a, alpha: 0, y }, JOBS);
  return y;
}

describe('ThreadPool', () => {
  it('computes all jobs, before its workers answer and after', async () => {
    const pool = new ThreadPool({ threads: 3, kernels });
    expect(double(pool).every((value) => value === 2)).toBe(true);
    await pool.started();
    expect(double(pool).every((value) => value === 2)).toBe(true);
    await pool.close();
  });

  it.each([
    ['ends in the middle of a job', 'dying'],
    ['fails in the middle of a job', 'failing'],
  ])('does not wait for a worker that %s', async (_, name) => {
    const program = new URL(`../../fixtures/${name}-worker.mjs`, import.meta.url);
    const pool = new ThreadPool({ threads: 2, kernels, program, patience: 300 });
    await pool.started();
    expect(() => double(pool)).toThrow(BackendError);
    await pool.close();
  });

  it.skipIf(process.platform === 'win32')('does not lose patience while its process is stopped', async () => {
    const call = spawn(process.execPath, [fileURLToPath(new URL('../../fixtures/slow-call.mjs', import.meta.url))]);
    await once(call.stdout, 'data');
    await new Promise((resolve) => setTimeout(resolve, 300));
    call.kill('SIGSTOP');
    await new Promise((resolve) => setTimeout(resolve, 2600));
    call.kill('SIGCONT');
    expect(await once(call, 'exit')).toEqual([0, null]);
  });

  it('lets workers take part in calls on tensors of the backend', async () => {
    const program = new URL('../../fixtures/failing-worker.mjs', import.meta.url);
    const pool = new ThreadPool({ threads: 2, kernels, program, patience: 300 });
    const memory = new TensorMemory();
    await pool.started();
    expect(() => double(pool, undefined, (count) => memory.take(count))).toThrow(BackendError);
    await pool.close();
  });

  it('computes alone on memory too long to be sent', async () => {
    const pool = new ThreadPool({ threads: 2, kernels });
    await pool.started();
    const floats = (count: number) => new Float32Array(new SharedArrayBuffer(2 ** 32), 0, count);
    for (const _ of [0, 1]) expect(double(pool, undefined, floats).every((value) => value === 2)).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(double(pool).every((value) => value === 2)).toBe(true);
    await pool.close();
  });

  it('wakes no worker for a call that was quick before', async () => {
    const program = new URL('../../fixtures/failing-worker.mjs', import.meta.url);
    const pool = new ThreadPool({ threads: 2, kernels, program, patience: 300 });
    for (let call = 0; call < 20; call++) double(pool, 8);
    await pool.started();
    expect(double(pool, 8)).toEqual(new Float32Array(8).fill(2));
    expect(() => double(pool)).toThrow(BackendError);
    await pool.close();
  });

  it('says so when a worker ended between two calls, and starts another', async () => {
    const program = new URL('../../fixtures/leaving-worker.mjs', import.meta.url);
    const pool = new ThreadPool({ threads: 2, kernels, program });
    await pool.started();
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(() => double(pool)).toThrow(
      new BackendError('simd: a worker thread failed: it ended with code 4; the next call starts new ones.'),
    );
    await expect(pool.started()).resolves.toBeUndefined();
    await pool.close();
  });

  it('computes without workers where their program is missing', async () => {
    const program = new URL('../../fixtures/no-such-worker.mjs', import.meta.url);
    const pool = new ThreadPool({ threads: 3, kernels, program });
    await pool.started();
    for (const _ of [0, 1, 2]) expect(double(pool).every((value) => value === 2)).toBe(true);
  });

  it('gives what a job throws, not a wait', () => {
    const pool = new ThreadPool({ threads: 1, kernels });
    const missing = { a: undefined, b: undefined, y: undefined } as never;
    expect(() => pool.run('elementwise', missing, 1)).toThrow(TypeError);
  });
});
