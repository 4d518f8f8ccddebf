import { readFileSync } from 'node:fs';

import { CheckpointError } from '@od-vae/core/base';
import { describe, expect, it } from 'vitest';

import { openCheckpoint } from './open-checkpoint.ts';

const bytes = new Uint8Array(readFileSync(new URL('../fixtures/checkpoints/views.pt', import.meta.url)));

describe('assertDirectoryInPlace', () => {
  it('lets an archive of PyTorch pass', async () => {
    await expect(openCheckpoint(new Blob([bytes]))).resolves.toMatchObject({ format: 'torch' });
  });

  it.each([
    ['put in', [bytes.subarray(0, 1500), Uint8Array.of(1, 2, 3), bytes.subarray(1500)]],
    ['taken out', [bytes.subarray(0, 1500), bytes.subarray(1504)]],
  ])('refuses an archive with bytes %s before its directory', async (_, parts) => {
    const opening = openCheckpoint(new Blob(parts));
    await expect(opening).rejects.toThrow(CheckpointError);
    await expect(opening).rejects.toThrow(/directory of the archive must lie at byte \d+, but lies at \d+\.$/);
  });
});
