import { type Browser, chromium } from 'playwright';

import { serveFolders } from '../serve-folders.ts';

/** The browser that pages run in. */
export const CHROMIUM = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';

/** Starts Chromium, also in a container. */
export function startChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-background-networking'] });
}

/** Opens `index.html` of a folder and returns what its script resolves `odVaeResult` to. */
export async function runInChromium(browser: Browser, folder: string): Promise<unknown> {
  await using server = await serveFolders({ '/': folder });
  const page = await browser.newPage();
  try {
    const failed = new Promise<never>((_, reject) => page.once('pageerror', reject));
    const result = (async () => {
      await page.goto(`${server.address}/`);
      await page.waitForFunction('globalThis.odVaeResult !== undefined');
      return page.evaluate('globalThis.odVaeResult');
    })();
    return await Promise.race([failed, result]);
  } finally {
    await page.close();
  }
}
