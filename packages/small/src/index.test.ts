import { readFile, stat } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';

import { configUrl, weightsUrl } from './index.ts';

describe('the small model', () => {
  it('lies where the addresses say', async () => {
    const config = JSON.parse(await readFile(configUrl, 'utf8')) as Record<string, unknown>;
    expect(config).toMatchObject({ hidden_size: 32, norm_num_groups: 8, scaling_factor: 0.24105 });
  });

  it('holds 4,678,919 parameters in float16 behind its header', async () => {
    const bytes = await readFile(weightsUrl);
    const header = Number(bytes.readBigUInt64LE(0));
    expect((await stat(weightsUrl)).size - 8 - header).toBe(4_678_919 * 2);
  });
});
