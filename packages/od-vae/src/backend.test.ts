import { BackendError } from '@od-vae/core';
import { findBackendFactory, getBackend, removeBackend, registerBackend, tensor1d } from '@tensorflow/tfjs-core';
import { describe, expect, it, vi } from 'vitest';

import { currentBackend, useBackend, useBestBackend } from './backend.ts';

describe('useBackend', () => {
  it.each(['cpu', 'wasm', 'simd'])('brings %s by itself and runs on it', async (name) => {
    expect(await useBackend(name)).toBe(name);
    expect(getBackend()).toBe(name);
    const x = tensor1d([1, 2]);
    expect([...x.dataSync()]).toEqual([1, 2]);
    x.dispose();
  });

  it('prints nothing', async () => {
    const spies = (['log', 'warn', 'error', 'info'] as const).map((name) => vi.spyOn(console, name));
    await useBackend('cpu');
    tensor1d([1]).dispose();
    for (const spy of spies) {
      expect(spy).not.toHaveBeenCalled();
      spy.mockRestore();
    }
  });

  it('refuses a backend that nobody registered, and keeps the one in use', async () => {
    await useBackend('cpu');
    await expect(useBackend('quantum')).rejects.toThrow(
      new BackendError(
        'useBackend: "quantum" is not registered; cpu, simd and wasm come with od-vae, others are imported first.',
      ),
    );
    expect(getBackend()).toBe('cpu');
  });

  it('says which backend did not start', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    registerBackend('broken', () => {
      throw new Error('no device');
    });
    await expect(useBackend('broken')).rejects.toThrow(
      new BackendError('useBackend: "broken" did not start on this machine.'),
    );
    removeBackend('broken');
    warn.mockRestore();
  });
});

describe('useBestBackend', () => {
  it('takes simd where no quicker one has been imported', async () => {
    expect(findBackendFactory('webgpu')).toBeFalsy();
    expect(await useBestBackend()).toBe('simd');
  });
});

describe('currentBackend', () => {
  it('keeps the backend in use', async () => {
    await useBackend('cpu');
    expect(await currentBackend()).toBe('cpu');
  });
});
