import { BackendError } from '@od-vae/core';
import { describe, expect, it } from 'vitest';

import { checkStorage, isStoredInHalf } from './storage.ts';

describe('storage', () => {
  it('is what is asked for', () => {
    expect(checkStorage('f32', { hasHalves: false })).toBe('f32');
    expect(checkStorage('f16', { hasHalves: true })).toBe('f16');
  });

  it('refuses what the device cannot do, and what there is not', () => {
    expect(() => checkStorage('f16', { hasHalves: false })).toThrow(BackendError);
    expect(() => checkStorage('f16', { hasHalves: false })).toThrow('needs a GPU with the feature shader-f16');
    expect(() => checkStorage('f8', { hasHalves: true })).toThrow('storage must be f32 or f16, but is "f8"');
  });

  it('leaves pixels, latents and odd channels in 32 bits', () => {
    expect([3, 4, 8, 16, 18, 512].filter((channels) => isStoredInHalf([1, 1, 2, 2, channels]))).toEqual([16, 512]);
  });
});
