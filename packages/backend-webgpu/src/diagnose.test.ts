import { BackendError } from '@od-vae/core';
import { describe, expect, it } from 'vitest';

import { describeWebgpu } from '../fixtures/webgpu.ts';
import { diagnoseGpus } from './diagnose.ts';

describe('diagnoseGpus', () => {
  it('says what is missing where no GPU answers', async () => {
    const place = { find: async () => undefined, advice: () => 'plug one in' };
    expect(await diagnoseGpus(place)).toEqual({
      works: false,
      device: undefined,
      advice: 'webgpu: no GPU answers here: plug one in.',
    });
  });

  it('says why GPUs cannot be looked for', async () => {
    const place = { find: () => Promise.reject(new BackendError('no package')), advice: () => '' };
    expect(await diagnoseGpus(place)).toMatchObject({ works: false, advice: 'no package' });
  });
});

describeWebgpu('diagnose', () => {
  it('names the GPU', async () => {
    const { diagnose } = await (typeof window === 'undefined' ? import('./node.ts') : import('./index.ts'));
    expect(await diagnose()).toMatchObject({ works: true, device: expect.stringMatching(/\w/), advice: undefined });
  });
});
