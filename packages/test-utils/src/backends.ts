import { getBackend, memory, ready, setBackend } from '@tensorflow/tfjs-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';

/** Runs the tests of a file on one of TensorFlow.js's own backends. */
export function useBackend(name: 'cpu' | 'wasm'): void {
  let previous: string | undefined;
  beforeAll(async () => {
    await (name === 'cpu' ? import('@tensorflow/tfjs-backend-cpu') : import('@tensorflow/tfjs-backend-wasm'));
    previous = getBackend() || undefined;
    await setBackend(name);
    await ready();
  });
  afterAll(async () => {
    if (previous) await setBackend(previous);
  });
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
