import { getBackend, tensor1d } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';

it('has chosen a backend that answers when it has been imported', async () => {
  const { backend } = await import('./auto.ts');
  expect(backend).toBe(getBackend());
  const x = tensor1d([1, 2]);
  expect([...(await x.data())]).toEqual([1, 2]);
  x.dispose();
});
