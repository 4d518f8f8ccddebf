import { getBackend, memory, ready, setBackend } from '@tensorflow/tfjs-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';

/** Runs the tests of a file on one of TensorFlow.js's own backends. */
export function useBackend(name: 'cpu' | 'wasm'): void {
  let previous: string | undefined;
  beforeAll(async () => {
    await importBackend(name);
    previous = getBackend() || undefined;
    await setBackend(name);
    await ready();
  });
  afterAll(async () => {
    if (previous) await setBackend(previous);
  });
}

/** What a function gives on one of TensorFlow.js's own backends; then the backend of before is in use again. */
export async function onBackend<Result>(name: 'cpu' | 'wasm', run: () => Result | Promise<Result>): Promise<Result> {
  const previous = getBackend();
  await importBackend(name);
  await setBackend(name);
  await ready();
  try {
    return await run();
  } finally {
    if (previous) await setBackend(previous);
  }
}

async function importBackend(name: 'cpu' | 'wasm'): Promise<void> {
  await (name === 'cpu' ? import('@tensorflow/tfjs-backend-cpu') : import('@tensorflow/tfjs-backend-wasm'));
}

/** Fails every test of a file after which more tensors live than before. */
export function useLeakGuard(): void {
  let before = 0;
  beforeEach(() => {
    before = memory().numTensors;
  });
  afterEach(() => {
    expect(memory().numTensors, 'tensors left behind by the test').toBe(before);
  });
}
