import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { serveFolders } from '@od-vae/tools/serve-folders';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright';

/** The page's own folder. */
export const folder = join(import.meta.dirname, '..');

/** A real clip: 65 frames of Big Buck Bunny, 448x256. */
export const clip = join(folder, 'src/sample.mp4');

/** The model that comes with the page. */
export const model = join(folder, '../../packages/small/model');

const executablePath = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';

/** Milliseconds that anything may take. */
const PATIENCE = 250_000;

/** Whether there is a browser to test in. */
export const hasChromium = existsSync(executablePath);

/** Lets Chromium run in a container, with a camera that nobody has, and without calls home. */
const args = [
  '--no-sandbox',
  '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
  '--no-first-run',
];

/** Starts Chromium, with its WebGPU on the processor or without any. */
export function startBrowser({ webgpu = false } = {}): Promise<Browser> {
  const gpu = webgpu ? ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader', '--enable-features=Vulkan'] : [];
  return chromium.launch({ executablePath, args: [...args, ...gpu] });
}

/** Serves the built page under a path of its own, and the model beside it; lists the paths of all requests. */
export async function servePage(
  isolated: boolean,
): Promise<Awaited<ReturnType<typeof serveFolders>> & { requests: readonly string[] }> {
  const requests: string[] = [];
  const folders = { '/some/path/': join(folder, 'dist'), '/model/': model };
  const server = await serveFolders(folders, { isolated, onRequest: (path) => requests.push(path) });
  return Object.assign(server, { requests });
}

/** Returns how often each large file of the page was requested. */
export function countLarge(requests: readonly string[]): { model: number; sample: number } {
  const count = (ending: string) =>
    requests.filter((path) => path.startsWith('/some/') && path.endsWith(ending)).length;
  return { model: count('.safetensors'), sample: count('.mp4') };
}

/** Opens the page and waits until it knows its backends; an error that nobody caught fails the test that asks for them. */
export async function openPage(
  context: BrowserContext,
  address: string,
  search = '',
): Promise<{ page: Page; errors: string[] }> {
  const page = await context.newPage();
  // A busy machine may leave the browser waiting for a while.
  page.setDefaultTimeout(PATIENCE);
  const errors: string[] = [];
  page.on('pageerror', ({ message }) => errors.push(message));
  await page.goto(`${address}/some/path/${search}`);
  await knowsBackends(page);
  return { page, errors };
}

/** Waits until the page knows its backends. */
export async function knowsBackends(page: Page): Promise<void> {
  await page.waitForFunction(() => /WebAssembly on \d/.test(document.querySelector('#backend-detail')!.textContent));
}

/** Waits for the result of a run. */
export async function hasResult(page: Page): Promise<void> {
  await page.waitForSelector('#stage[data-state=result]');
}
