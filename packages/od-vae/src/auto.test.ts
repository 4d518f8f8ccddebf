import v8 from 'node:v8';

import { getBackend, square, tensor1d } from '@tensorflow/tfjs-core';
import { expect, it, vi } from 'vitest';

it('starts a backend without setting flags of V8, which the first kernel sets', async () => {
  const setFlags = vi.spyOn(v8, 'setFlagsFromString');
  vi.stubEnv('OD_VAE_BACKEND', 'simd');
  const { backend } = await import('./auto.ts');
  expect(await backend).toBe('simd');
  expect(getBackend()).toBe('simd');
  const x = tensor1d([1, 2]);
  expect([...(await x.data())]).toEqual([1, 2]);
  expect(setFlags).not.toHaveBeenCalled();
  const y = square(x);
  expect([...(await y.data())]).toEqual([1, 4]);
  expect(setFlags).toHaveBeenCalled();
  for (const tensor of [x, y]) tensor.dispose();
  vi.unstubAllEnvs();
});
