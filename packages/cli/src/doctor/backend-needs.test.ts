import { describe, expect, it } from 'vitest';

import { missingFor } from './backend-needs.ts';

describe('missingFor', () => {
  it.each([
    ['webgpu', 'npm install @od-vae/backend-webgpu webgpu'],
    ['tensorflow', 'npm install @od-vae/backend-node @tensorflow/tfjs-node'],
  ])('says how %s is installed', async (backend, line) => {
    expect(await missingFor(backend, false)).toEqual([line]);
  });

  it('has nothing to say of backends that come along', async () => {
    expect(await missingFor('cpu', false)).toEqual([]);
  });
});
