import { expect, it } from 'vitest';

import { clip, hasChromium, hasResult, openPage, servePage, startBrowser } from './open-page.ts';

it.skipIf(!hasChromium)('offers WebGPU without a GPU, and does not choose it by itself (Chromium)', async () => {
  await using server = await servePage(true);
  const browser = await startBrowser({ webgpu: true });
  try {
    const { page, errors } = await openPage(await browser.newContext(), server.address);
    expect(await page.isDisabled('#backend option[value=webgpu]')).toBe(false);
    expect(await page.textContent('#backend-detail')).toMatch(/^WebAssembly on \d.* WebGPU without a GPU: slow\.$/);
    await page.selectOption('#backend', 'webgpu');
    expect(await page.textContent('#backend-detail')).toBe('WebGPU without a GPU: slow.');
    // Chromium's software device has no 16-bit floats.
    expect(await page.isDisabled('#half')).toBe(true);
    expect(errors).toEqual([]);
  } finally {
    await browser.close();
  }
});

it.skipIf(!hasChromium)('says that the device was lost, and runs again on a new one (Chromium)', async () => {
  await using server = await servePage(true);
  const browser = await startBrowser({ webgpu: true });
  try {
    // A new service worker would replace the worker whose device is lost.
    const context = await browser.newContext({ serviceWorkers: 'block' });
    const { page, errors } = await openPage(context, server.address, '?frames=5&side=64');
    await page.selectOption('#backend', 'webgpu');
    for (const worker of page.workers()) await worker.evaluate(loseDevice);
    await page.setInputFiles('#file', clip);
    await page.waitForSelector('#problem:not([hidden])');
    expect(await page.textContent('#problem-text')).toMatch(/^The device is lost: .*\.$/);
    expect(await page.getAttribute('#stage', 'data-state')).toBe('empty');
    await page.click('#problem-close');
    await page.click('#run');
    await hasResult(page);
    expect(await page.textContent('#position-text')).toMatch(/ 5$/);
    expect(errors).toEqual([]);
  } finally {
    await browser.close();
  }
});

/** Has the device of the worker in which it runs destroyed as soon as it is used. */
function loseDevice(): void {
  if (typeof GPUDevice === 'undefined') return;
  const { createCommandEncoder } = GPUDevice.prototype;
  GPUDevice.prototype.createCommandEncoder = function (...options) {
    this.destroy();
    return createCommandEncoder.apply(this, options);
  };
}
