import '@tensorflow/tfjs-backend-webgpu';
import { getBackend, memory, tensor1d } from '@tensorflow/tfjs-core';
import { useBestBackend } from 'od-vae';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';

import { serveWasm } from './use-device.ts';

beforeAll(serveWasm);
afterEach(() => vi.restoreAllMocks());

describe('useBestBackend', () => {
  it('takes simd, without a word, where WebGPU has no adapter', async () => {
    vi.spyOn(navigator.gpu, 'requestAdapter').mockResolvedValue(null);
    const printed = (['log', 'info', 'warn', 'error'] as const).map((name) => vi.spyOn(console, name));
    expect(await useBestBackend()).toBe('simd');
    for (const spy of printed) expect(spy).not.toHaveBeenCalled();
  });
});

describe('od-vae/auto', () => {
  it('takes WebGPU where it answers', async () => {
    const { backend } = await import('od-vae/auto');
    expect([await backend, getBackend()]).toEqual(['webgpu', 'webgpu']);
    const x = tensor1d([1, 2]);
    expect([...(await x.data())]).toEqual([1, 2]);
    x.dispose();
    expect(memory().numTensors).toBe(0);
  });
});
