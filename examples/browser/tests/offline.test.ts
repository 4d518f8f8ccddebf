import type { Browser } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { hasChromium, hasResult, knowsBackends, openPage, servePage, startBrowser } from './open-page.ts';

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
    await page.waitForSelector('#offline[data-ready]');
    await server[Symbol.asyncDispose]();
    await context.setOffline(true);
    await page.reload();
    await knowsBackends(page);
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
    await page.click('#sample');
    await hasResult(page);
    expect(await page.textContent('#position-text')).toBe('1 / 5');
    expect(errors).toEqual([]);
  });
});
