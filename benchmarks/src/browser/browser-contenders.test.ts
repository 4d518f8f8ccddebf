import { existsSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { browserContenders } from './browser-contenders.ts';

const CASE = { kind: 'convolution', channels: 32, clip: [2, 8, 8], kernel: [3, 3, 3] } as const;

describe.skipIf(!existsSync(process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium'))('browserContenders', () => {
  it('runs simd on two threads in a page, from a bundle', async () => {
    await using inBrowser = await browserContenders();
    const simd = inBrowser.contenders.find(({ id }) => id === 'simd')!;
    // A page without its worker is refused.
    const child = await simd.start({ threads: 2, limit: 60 });
    await child.prepare(CASE);
    expect(await child.run()).toBeGreaterThan(0);
    expect(await child.end()).toBeNull();
  }, 180_000);
});
