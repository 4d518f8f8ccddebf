import { fusableKernels } from '@od-vae/core';
import { useBackend, useLeakGuard } from '@od-vae/test-utils';
import { fill, registerKernel, type Tensor, tensor1d, unregisterKernel, zeros } from '@tensorflow/tfjs-core';
import { afterEach, describe, expect, it } from 'vitest';

import { backendCases, checkCase } from './check-backend.ts';
import { kernelCoverage } from './kernel-coverage.ts';

useBackend('cpu');

const attention = backendCases.find(({ name }) => name === 'SpatialAttention of one token')!;

/** Gives `cpu` a kernel of its own for a while. */
function giveKernel(kernelName: string, kernelFunc: () => Tensor) {
  registerKernel({ kernelName, backendName: 'cpu', kernelFunc });
}

describe('backendCases', () => {
  it('have a case for every op that a backend may fuse, and names of their own', () => {
    expect([...new Set(backendCases.flatMap(({ op }) => op ?? []))].toSorted()).toEqual(fusableKernels());
    expect(new Set(backendCases.map(({ name }) => name)).size).toBe(backendCases.length);
  });
});

describe('checkCase', () => {
  useLeakGuard();

  it('finds no error where the references run', async () => {
    expect(await checkCase(attention)).toMatchObject({ error: 0, reason: undefined });
  });

  it('finds tensors that are left behind', async () => {
    const left: Tensor[] = [];
    const run = () => {
      left.push(tensor1d([1]));
      return attention.run();
    };
    // The references run it too, once.
    expect((await checkCase({ ...attention, run })).reason).toBe('it leaves 1 tensors behind');
    for (const tensor of left) tensor.dispose();
  });

  describe('with a kernel that is wrong', () => {
    afterEach(() => unregisterKernel('SpatialAttention', 'cpu'));

    it('tells how wrong it is', async () => {
      giveKernel('SpatialAttention', () => zeros([2, 1, 4]));
      const { error, tolerance } = await checkCase(attention);
      expect(error).toBeGreaterThan(tolerance);
      expect(error).toBeLessThan(1);
    });

    it('takes another shape, and numbers that are none, for errors without bound', async () => {
      giveKernel('SpatialAttention', () => zeros([1, 2, 4]));
      expect(await checkCase(attention)).toMatchObject({ error: Infinity });
      unregisterKernel('SpatialAttention', 'cpu');
      giveKernel('SpatialAttention', () => fill([2, 1, 4], Number.NaN));
      expect(await checkCase(attention)).toMatchObject({ error: Infinity });
    });

    it('tells why it failed', async () => {
      giveKernel('SpatialAttention', () => {
        throw new Error('not today');
      });
      expect(await checkCase(attention)).toMatchObject({ error: Infinity, reason: 'not today' });
    });
  });
});

describe('kernelCoverage', () => {
  afterEach(() => unregisterKernel('GroupNormGrad', 'cpu'));

  it('tells what a backend has itself', () => {
    expect(kernelCoverage('cpu').own).toEqual([]);
    giveKernel('GroupNormGrad', () => zeros([1]));
    const { own, toDo } = kernelCoverage('cpu');
    expect(own).toEqual(['GroupNormGrad']);
    expect(toDo).toContain('GroupNorm');
    expect(toDo).toContain('SpatialAttentionGrad');
    expect(toDo).not.toContain('GroupNormGrad');
  });
});
