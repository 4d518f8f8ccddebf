// Takes the pictures of the page that the docs show: node screenshots.mjs [folder]; needs Chromium (CHROMIUM_PATH).
import { join } from 'node:path';

import { serveFolders } from '@od-vae/tools/serve-folders';
import { chromium } from 'playwright';
import sharp from 'sharp';
import { build } from 'vite';

const folder = process.argv[2] ?? join(import.meta.dirname, '../../docs/images');

/** The window, and what happens before the picture is taken. */
const PICTURES = [
  { name: 'page-light', colorScheme: 'light', width: 1180, height: 1290, frame: 12 },
  { name: 'page-dark', colorScheme: 'dark', width: 1180, height: 1290, frame: 24 },
  { name: 'page-phone-light', colorScheme: 'light', width: 390, height: 844, frame: 12 },
  { name: 'page-phone-dark', colorScheme: 'dark', width: 390, height: 844 },
];

await build({ root: import.meta.dirname, logLevel: 'error' });
const server = await serveFolders({ '/': join(import.meta.dirname, 'dist/') });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-background-networking', '--disable-component-update', '--no-first-run'],
});
for (const { name, colorScheme, width, height, frame } of PICTURES) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme, reducedMotion: 'reduce' });
  const page = await context.newPage();
  await page.goto(`${server.address}/?frames=33&side=128`);
  await page.click('#keep-offline');
  await page.waitForSelector('#offline[data-ready]');
  await page.waitForFunction(() => document.querySelector('#backend-detail').textContent.includes('WebAssembly'));
  if (frame !== undefined) {
    await page.click('#sample');
    await page.waitForSelector('#stage[data-state=result]', { timeout: 300_000 });
    await page.fill('#position', String(frame));
    await page.evaluate(() => document.activeElement.blur());
  }
  const png = await page.screenshot({ animations: 'disabled' });
  await sharp(png)
    .png({ palette: true, dither: 0.4, effort: 10 })
    .toFile(join(folder, `${name}.png`));
  await context.close();
}
await browser.close();
await server[Symbol.asyncDispose]();
