import { BackendError } from '@od-vae/core';
import { findBackendFactory, getBackend, removeBackend, registerBackend, tensor1d } from '@tensorflow/tfjs-core';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { currentBackend, hasHalfStorage, useBackend, useBestBackend, useStorage } from './backend.ts';
import { OPTIONAL_BACKENDS } from './optional-backends.ts';

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
});

/** Lets a package be absent, or fail as it is imported. */
function failToLoad(name: string, message: string): void {
  vi.spyOn(OPTIONAL_BACKENDS[name]!, 'load').mockRejectedValue(new Error(message));
}

describe('useStorage', () => {
  it('takes 32 bits from every backend, and says which one has 16', async () => {
    await useBackend('cpu');
    expect(hasHalfStorage()).toBe(false);
    useStorage('f32');
    expect(() => useStorage('f16')).toThrow(
      new BackendError('useStorage: f16 needs the backend webgpu, but "cpu" is in use.'),
    );
  });
});

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

describe('useBackend while the best backend is being chosen', () => {
  it('wins over the choice, which currentBackend waits for', async () => {
    const choice = useBestBackend({ backend: 'simd' });
    expect(await currentBackend()).toBe('simd');
    const again = useBestBackend({ backend: 'wasm' });
    expect(await useBackend('cpu')).toBe('cpu');
    expect([await choice, await again, getBackend()]).toEqual(['simd', 'wasm', 'cpu']);
  });

  it('does not keep the error of a choice that failed', async () => {
    await useBackend('cpu');
    const failing = useBestBackend({ backend: 'quantum' });
    expect(await currentBackend()).toBe('cpu');
    await expect(failing).rejects.toThrow(BackendError);
  });
});

describe('useBackend of a package that need not be installed', () => {
  it('says which package is missing', async () => {
    failToLoad('webgpu', "Cannot find package '@od-vae/backend-webgpu' imported from here");
    await expect(useBackend('webgpu')).rejects.toThrow(
      new BackendError('useBackend: "webgpu" needs @od-vae/backend-webgpu, which is not installed.'),
    );
  });

  it('says why a backend does not start, where its package knows', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    vi.spyOn(OPTIONAL_BACKENDS['webgpu']!, 'load').mockImplementation(async () => {
      registerBackend('webgpu', () => Promise.reject(new Error('no device')));
    });
    const webgpu = OPTIONAL_BACKENDS['webgpu'] as Required<(typeof OPTIONAL_BACKENDS)[string]>;
    vi.spyOn(webgpu, 'explain').mockResolvedValue('there is no Vulkan driver.');
    await expect(useBackend('webgpu')).rejects.toThrow(
      new BackendError('useBackend: "webgpu" did not start: there is no Vulkan driver.'),
    );
    removeBackend('webgpu');
    expect(warn).toHaveBeenCalled();
  });

  it('says what the package says', async () => {
    failToLoad('tensorflow', 'no libtensorflow.');
    await expect(useBackend('tensorflow')).rejects.toThrow(
      new BackendError('useBackend: "tensorflow" did not start: no libtensorflow.'),
    );
  });
});

describe('useBestBackend', () => {
  it('tries webgpu, tensorflow and simd, in this order and without a word, and takes the first that answers', async () => {
    const printed = (['log', 'info', 'warn', 'error'] as const).map((name) => vi.spyOn(console, name));
    const tried: string[] = [];
    for (const [name, backend] of Object.entries(OPTIONAL_BACKENDS)) {
      vi.spyOn(backend, 'isLikely').mockReturnValue(true);
      vi.spyOn(backend, 'load').mockImplementation(async () => {
        tried.push(name);
        throw new Error('not here');
      });
    }
    expect(findBackendFactory('webgpu')).toBeFalsy();
    expect(await useBestBackend()).toBe('simd');
    expect(tried).toEqual(['webgpu', 'tensorflow']);
    for (const spy of printed) expect(spy).not.toHaveBeenCalled();
  });

  it('does not load what cannot run here', async () => {
    const load = vi.spyOn(OPTIONAL_BACKENDS['webgpu']!, 'load');
    vi.spyOn(OPTIONAL_BACKENDS['webgpu']!, 'isLikely').mockReturnValue(false);
    expect(await useBestBackend()).toBe('simd');
    expect(load).not.toHaveBeenCalled();
  });

  it('takes a backend that its package registers', async () => {
    await useBackend('cpu');
    const { MathBackendCPU } = await import('@tensorflow/tfjs-backend-cpu');
    vi.spyOn(OPTIONAL_BACKENDS['webgpu']!, 'isLikely').mockReturnValue(true);
    vi.spyOn(OPTIONAL_BACKENDS['webgpu']!, 'load').mockImplementation(async () => {
      registerBackend('webgpu', () => new MathBackendCPU());
    });
    expect(await useBestBackend()).toBe('webgpu');
    await useBackend('cpu');
    removeBackend('webgpu');
  });

  it('takes simd rather than a GPU that is none, unless somebody imported it', async () => {
    await useBackend('cpu');
    const { MathBackendCPU } = await import('@tensorflow/tfjs-backend-cpu');
    const register = () => registerBackend('webgpu', () => Object.assign(new MathBackendCPU(), { isSoftware: true }));
    vi.spyOn(OPTIONAL_BACKENDS['webgpu']!, 'isLikely').mockReturnValue(true);
    vi.spyOn(OPTIONAL_BACKENDS['webgpu']!, 'load').mockImplementation(async () => register());
    expect(await useBestBackend()).toBe('simd');
    expect(await useBestBackend({ backend: 'webgpu' })).toBe('webgpu');
    await useBackend('cpu');
    removeBackend('webgpu');
  });

  it.each([
    ['the option', () => ({ backend: 'cpu' })],
    [
      'the environment',
      () => {
        vi.stubEnv('OD_VAE_BACKEND', 'cpu');
        return {};
      },
    ],
    [
      'the address',
      () => {
        vi.stubGlobal('location', { search: '?x=1&od-vae-backend=cpu' });
        return {};
      },
    ],
  ])('takes what %s says', async (_, options) => {
    await useBackend('simd');
    expect(await useBestBackend(options())).toBe('cpu');
    expect(getBackend()).toBe('cpu');
  });

  it('takes nothing else when what was asked for does not start', async () => {
    await expect(useBestBackend({ backend: 'quantum' })).rejects.toThrow('"quantum" is not registered');
  });
});

describe('currentBackend', () => {
  it('keeps the backend in use', async () => {
    await useBackend('cpu');
    expect(await currentBackend()).toBe('cpu');
  });
});
