import { expect, it } from 'vitest';

import { hasChromium, openPage, servePage, startBrowser } from './open-page.ts';

it.skipIf(!hasChromium)('offers WebGPU without a GPU, and does not choose it by itself (Chromium)', async () => {
  await using server = await servePage(true);
  const browser = await startBrowser({ webgpu: true });
  try {
    const { page, errors } = await openPage(await browser.newContext(), server.address);
    expect(await page.isDisabled('#backend option[value=webgpu]')).toBe(false);
    expect(await page.textContent('#backend-detail')).toMatch(/^WebAssembly on \d.* WebGPU without a GPU: slow\.$/);
    await page.selectOption('#backend', 'webgpu');
    expect(await page.textContent('#backend-detail')).toBe('WebGPU without a GPU: slow.');
    expect(errors).toEqual([]);
  } finally {
    await browser.close();
  }
});
