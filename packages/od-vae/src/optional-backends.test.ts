import { afterEach, describe, expect, it, vi } from 'vitest';

import { isAbsent, OPTIONAL_BACKENDS, setBrowserImport } from './optional-backends.ts';

afterEach(() => vi.unstubAllGlobals());

describe('isAbsent', () => {
  it.each([
    "Cannot find package '@od-vae/backend-webgpu' imported from /home/me/app.mjs",
    'Could not resolve "@od-vae/backend-webgpu" imported by "od-vae". Is it installed?',
    "Failed to resolve module specifier '@od-vae/backend-webgpu'",
  ])('sees in "%s" that the package is not there', (message) => {
    expect(isAbsent('@od-vae/backend-webgpu', new Error(message))).toBe(true);
  });

  it.each(["Cannot find package 'webgpu' imported from /home/me/app.mjs", 'no adapter for @od-vae/backend-webgpu', ''])(
    'does not take "%s" for it',
    (message) => {
      expect(isAbsent('@od-vae/backend-webgpu', new Error(message))).toBe(false);
    },
  );
});

describe('OPTIONAL_BACKENDS', () => {
  it('imports WebGPU in a browser as od-vae/webgpu sets', async () => {
    vi.stubGlobal('process', undefined);
    const load = vi.fn(async () => ({}));
    setBrowserImport(load);
    await OPTIONAL_BACKENDS['webgpu']!.load();
    expect(load).toHaveBeenCalledOnce();
  });

  it('tries WebGPU in every page', () => {
    vi.stubGlobal('process', undefined);
    expect(OPTIONAL_BACKENDS['webgpu']!.isLikely()).toBe(true);
  });

  it('looks for TensorFlow in Node only', async () => {
    expect(OPTIONAL_BACKENDS['tensorflow']!.isLikely()).toBe(true);
    vi.stubGlobal('process', undefined);
    expect(OPTIONAL_BACKENDS['tensorflow']!.isLikely()).toBe(false);
    await expect(OPTIONAL_BACKENDS['tensorflow']!.load()).rejects.toThrow('TensorFlow runs in Node, not in browsers');
  });
});
