import { BackendError } from '@od-vae/core';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { registerNodeWebgpu } from './webgpu-node.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('registerNodeWebgpu', () => {
  it.runIf(process.platform === 'linux')('says what is missing where no driver answers', async () => {
    for (const name of ['VK_ICD_FILENAMES', 'VK_DRIVER_FILES']) vi.stubEnv(name, '/nonexistent');
    await expect(registerNodeWebgpu()).rejects.toThrow(
      new BackendError(
        'no WebGPU device answers here: there is no graphics driver that Dawn can use (libvulkan1, and a driver that VK_ICD_FILENAMES may name).',
      ),
    );
  });
});
