import { describeBackend } from '@od-vae/kernel-suite/vitest';
import { backendCases, kernelCoverage } from '@od-vae/kernel-suite';
import { useLeakGuard } from '@od-vae/test-utils';
import { backend, getBackend, setBackend } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';

import { describeTensorflow } from '../fixtures/tensorflow.ts';
import { registerTensorflow } from './register.ts';

describeTensorflow('the backend tensorflow', () => {
  useLeakGuard();

  it('has kernels of its own for all that a backend may fuse', () => {
    expect(kernelCoverage('tensorflow').toDo).toEqual([]);
  });

  it("takes no other backend's place, and is registered once", async () => {
    const before = backend();
    await setBackend('cpu');
    await registerTensorflow();
    expect(getBackend()).toBe('cpu');
    await setBackend('tensorflow');
    expect(backend()).toBe(before);
  });

  it('leaves no data in TensorFlow once tensors are freed', async () => {
    const before = backend().numDataIds();
    for (const one of backendCases.filter(({ name }) => /odd sizes|time too/.test(name))) {
      await one.run();
    }
    expect(backend().numDataIds()).toBe(before);
  });

  describeBackend('tensorflow');
});
