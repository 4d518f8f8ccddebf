import { describe, expect, it } from 'vitest';

import { missingFor } from './backend-needs.ts';

describe('missingFor', () => {
  it.each([
    ['webgpu', 'npm install @od-vae/backend-webgpu webgpu'],
    ['tensorflow', 'npm install @od-vae/backend-node @tensorflow/tfjs-node'],
  ])('says how %s is installed', (backend, line) => {
    expect(missingFor(backend, 'package')).toEqual([line]);
  });

  it('says what WebGPU needs of the machine', () => {
    expect(missingFor('webgpu', 'machine')).toEqual([expect.stringContaining('a GPU')]);
  });

  it('has nothing to say of backends that come along', () => {
    expect(missingFor('cpu', 'package')).toEqual([]);
  });
});
