import { SimdBackend } from '@od-vae/backend-simd';
import { useLeakGuard } from '@od-vae/test-utils';
import { add, backend, fill, ready, registerBackend, removeBackend, setBackend } from '@tensorflow/tfjs-core';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it, vi } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    /** Whether the tests' pages are served as cross-origin isolated. */
    isolated: boolean;
  }
}

const THREADS = 3;
/** More than one job for each thread. */
const LENGTH = 2 ** 22;

/** What was sent to workers since the last look, by worker. */
function watchWorkers(): Map<Worker, number> {
  const sent = new Map<Worker, number>();
  const post = Worker.prototype.postMessage;
  vi.spyOn(Worker.prototype, 'postMessage').mockImplementation(function (this: Worker, ...message: unknown[]) {
    sent.set(this, (sent.get(this) ?? 0) + 1);
    post.apply(this, message as Parameters<typeof post>);
  });
  return sent;
}

/** The first and last of many sums that are 3. */
function sums(): number[] {
  const [a, b] = [fill([LENGTH], 1), fill([LENGTH], 2)];
  const y = add(a, b);
  const values = y.dataSync();
  for (const tensor of [a, b, y]) tensor.dispose();
  return [values[0]!, values[LENGTH - 1]!];
}

const pool = () => (backend() as SimdBackend).pool;

beforeAll(async () => {
  removeBackend('simd');
  registerBackend('simd', () => new SimdBackend({ threads: THREADS }));
  await setBackend('simd');
  await ready();
});
afterEach(() => vi.restoreAllMocks());
afterAll(() => pool().close());
useLeakGuard();

describe('a page', () => {
  it('may share memory where its server isolates it', () => {
    expect(crossOriginIsolated).toBe(inject('isolated'));
  });
});

describe.runIf(inject('isolated'))('simd in a page that is isolated', () => {
  it('gives work to as many workers as it was asked for, and works itself meanwhile', async () => {
    const sent = watchWorkers();
    await pool().started();
    expect([...sent.values()]).toEqual([1, 1]);
    expect(sums()).toEqual([3, 3]);
    expect([...sent.values()]).toEqual([2, 2]);
    expect(pool().threads).toBe(THREADS);
  });

  it('computes before its workers answer', async () => {
    await pool().close();
    expect(sums()).toEqual([3, 3]);
    await pool().started();
    expect(sums()).toEqual([3, 3]);
  });
});

describe.skipIf(inject('isolated'))('simd in a page that is not isolated', () => {
  it('computes on one thread and starts no worker', async () => {
    const start = vi.spyOn(globalThis, 'Worker');
    await pool().started();
    expect(sums()).toEqual([3, 3]);
    expect(start).not.toHaveBeenCalled();
    expect(pool().threads).toBe(1);
  });
});
