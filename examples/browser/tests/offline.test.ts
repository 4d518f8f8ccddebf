import type { Browser } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { countLarge, hasChromium, hasResult, knowsBackends, openPage, servePage, startBrowser } from './open-page.ts';

describe.skipIf(!hasChromium)('the page on a host that sends no headers (Chromium)', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser?.close());

  it('isolates itself, and works without the network from the second visit on', async () => {
    const server = await servePage(false);
    const context = await browser.newContext({ reducedMotion: 'reduce' });
    const { page, errors } = await openPage(context, server.address, '?frames=5&side=64');
    // The service worker loads the page once more, which is isolated then.
    await page.waitForFunction(() => crossOriginIsolated);
    await knowsBackends(page);
    await expect.poll(() => page.textContent('#keep-offline')).toBe('Keep for offline use, 9.5 MB');
    expect(countLarge(server.requests)).toEqual({ model: 0, sample: 0 });
    expect(await page.getAttribute('#offline', 'data-ready')).toBeNull();
    await page.click('#sample');
    await hasResult(page);
    // What a run loads is kept, and is not loaded a second time for that.
    await page.waitForSelector('#offline[data-ready]');
    expect(countLarge(server.requests)).toEqual({ model: 1, sample: 1 });
    await server[Symbol.asyncDispose]();
    await context.setOffline(true);
    await page.reload();
    await knowsBackends(page);
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
    await page.click('#sample');
    await hasResult(page);
    expect(await page.textContent('#position-text')).toBe('1 / 5');
    expect(errors).toEqual([]);
    await context.close();
  });

  it('keeps the model and the sample on request, once', async () => {
    const server = await servePage(true);
    const context = await browser.newContext({ reducedMotion: 'reduce' });
    const { page, errors } = await openPage(context, server.address, '?frames=5&side=64');
    await expect.poll(() => page.textContent('#keep-offline')).toBe('Keep for offline use, 9.5 MB');
    await page.click('#keep-offline');
    await page.waitForSelector('#offline[data-ready]');
    expect(await page.evaluate(() => document.activeElement!.id)).toBe('offline');
    await page.click('#sample');
    await hasResult(page);
    expect(countLarge(server.requests)).toEqual({ model: 1, sample: 1 });
    expect(errors).toEqual([]);
    await server[Symbol.asyncDispose]();
  });
});
