import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createVideoWriter, openVideo, probeVideo } from '@od-vae/video';
import { OdVae, openLatents, useBackend } from 'od-vae';
import type { Browser, BrowserContext, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { runAt, testBehavior } from './behavior.ts';
import { clip, countLarge, hasChromium, hasResult, model, openPage, servePage, startBrowser } from './open-page.ts';

const AXE = join(import.meta.dirname, '../node_modules/axe-core/axe.min.js');

/** Small videos of many kinds. */
const MEDIA = join(import.meta.dirname, '../../../packages/video/src/fixtures');

/** Small enough for a busy machine. */
const SMALL = '?frames=9&side=64';

let browser: Browser;
let server: Awaited<ReturnType<typeof servePage>>;
let context: BrowserContext;
let page: Page;
let errors: string[];
let folder: string;

/** Accessibility violations, as axe-core names them. */
async function violations(): Promise<string[]> {
  await page.evaluate(readFileSync(AXE, 'utf8'));
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
    };
    const found = await axe.run();
    return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  });
}

/** Every shift of the layout from now on, by what moved; those that follow an input as well. */
async function watchShifts(): Promise<() => Promise<string[]>> {
  await page.evaluate(() => {
    const seen: string[] = [];
    Object.assign(globalThis, { shifts: seen });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        const { value, sources } = entry as PerformanceEntry & { value: number; sources: { node?: Element }[] };
        seen.push(`${value}: ${sources.map(({ node }) => node?.outerHTML?.slice(0, 80)).join(' ')}`);
      }
    }).observe({ type: 'layout-shift' });
  });
  return () => page.evaluate(() => (globalThis as unknown as { shifts: string[] }).shifts);
}

/** Decibels that the page shows. */
async function shownPsnr(): Promise<number> {
  return Number(/PSNR ([\d.]+) dB/.exec((await page.textContent('#quality-text'))!)?.[1]);
}

/** A file that a press of a button saves. */
async function saved(button: string): Promise<string> {
  const [download] = await Promise.all([page.waitForEvent('download'), page.click(button)]);
  const path = join(folder, download.suggestedFilename());
  await download.saveAs(path);
  return path;
}

/** The first frames of a video, without compression. */
async function asY4m(path: string): Promise<string> {
  const y4m = join(folder, 'sample.y4m');
  await using reader = await openVideo(path, { frames: 5 });
  const { width, height, fps } = reader;
  await using writer = await createVideoWriter(y4m, { width, height, fps });
  for await (const frame of reader.frames()) await writer.write(frame);
  await writer.finish();
  return y4m;
}

/** The colours of one side of the comparison, or nothing where it is blank. */
async function meanColour(side: 'original' | 'rebuilt'): Promise<number> {
  return page.evaluate((id) => {
    const canvas = document.querySelector<HTMLCanvasElement>(`#${id}`)!;
    const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
    return data.reduce((sum, value) => sum + value, 0) / data.length;
  }, side);
}

describe.skipIf(!hasChromium)('the page in Chromium (apt-get install chromium, or its path in CHROMIUM_PATH)', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'od-vae-page-'));
    server = await servePage(true);
    browser = await startBrowser();
    context = await browser.newContext({ reducedMotion: 'reduce', viewport: { width: 1180, height: 900 } });
    ({ page, errors } = await openPage(context, server.address, SMALL));
  });

  afterAll(async () => {
    await browser?.close();
    await server?.[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  it('says what runs here, and why WebGPU does not', async () => {
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
    expect(await page.textContent('#backend-detail')).toMatch(/^WebAssembly on \d+ threads?\. (No GPU|This browser)/);
    expect(await page.isDisabled('#backend option[value=webgpu]')).toBe(true);
    expect(await page.isDisabled('#backend option[value=simd]')).toBe(false);
    expect(await violations()).toEqual([]);
  });

  it('fits a phone', async () => {
    await page.setViewportSize({ width: 360, height: 740 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
    await page.setViewportSize({ width: 1180, height: 900 });
  });

  it('says what is wrong with a file that is no video', async () => {
    await page.setInputFiles('#file', { name: 'notes.mp4', mimeType: 'video/mp4', buffer: Buffer.from('no video') });
    await page.waitForSelector('#problem:not([hidden])');
    expect(await page.textContent('#problem-text')).toBe(
      '"notes.mp4" is not a video, GIF or image: its first bytes belong to no format that is read.',
    );
    expect(await page.getAttribute('#stage', 'data-state')).toBe('empty');
    expect(await violations()).toEqual([]);
    // On a phone it leaves room for what can be done about it.
    await page.setViewportSize({ width: 360, height: 740 });
    for (const id of ['#choose', '#camera', '#sample', '#problem-close']) await page.click(id, { trial: true });
    await page.setViewportSize({ width: 1180, height: 900 });
    await page.click('#problem-close');
  });

  it('rebuilds a real clip as Node does, without a shift of the layout', async () => {
    await useBackend('simd');
    using vae = await OdVae.fromPretrained('small');
    const inNode = await vae.reconstruct(clip, undefined, { frames: 9, shortSide: 64, crop: 'square' });
    await page.check('#square');
    const shifts = await watchShifts();
    await page.setInputFiles('#file', clip);
    await hasResult(page);
    expect(Math.abs((await shownPsnr()) - inNode.psnr)).toBeLessThan(0.1);
    expect(await shifts()).toEqual([]);
    expect(Math.abs((await meanColour('rebuilt')) - (await meanColour('original')))).toBeLessThan(25);
    expect(await meanColour('rebuilt')).not.toBe(await meanColour('original'));
    expect(await page.textContent('#size-raw')).toBe('111 kB');
    expect(await page.textContent('#size-latents')).toBe('3.1 kB');
    expect(await page.locator('#latents canvas').count()).toBe(4 * 3);
    expect(await page.getAttribute('#quality-chart svg', 'aria-label')).toMatch(/^PSNR of 9 frames/);
    expect(await violations()).toEqual([]);
  });

  it('moves the divider, and both sides frame by frame, with the keyboard', async () => {
    const divider = page.locator('#divider');
    await divider.focus();
    await page.keyboard.press('ArrowLeft');
    expect(await divider.inputValue()).toBe('49');
    expect(await divider.getAttribute('aria-valuetext')).toBe('49 % original, 51 % reconstruction');
    expect(await page.locator('#picture').evaluate((one) => one.style.getPropertyValue('--split'))).toBe('49%');
    await page.keyboard.press('Home');
    expect(await divider.inputValue()).toBe('0');

    const before = [await meanColour('original'), await meanColour('rebuilt')];
    await page.focus('#next');
    await page.keyboard.press('Enter');
    expect(await page.textContent('#position-text')).toBe('2 / 9');
    const after = [await meanColour('original'), await meanColour('rebuilt')];
    expect(after[0]).not.toBe(before[0]);
    expect(after[1]).not.toBe(before[1]);
    await page.focus('#position');
    await page.keyboard.press('End');
    expect(await page.textContent('#position-text')).toBe('9 / 9');
    expect(await page.locator('#latents canvas[data-now]').count()).toBe(4);
  });

  it('plays, loops and pauses', async () => {
    await page.click('#loop');
    await page.click('#play');
    await expect.poll(() => page.textContent('#position-text')).toBe('9 / 9');
    await expect.poll(() => page.getAttribute('#play', 'aria-label')).toBe('Play');
    await page.click('#loop');
    await page.click('#play');
    expect(await page.getAttribute('#play', 'aria-label')).toBe('Pause');
    await expect.poll(() => page.textContent('#position-text')).toBe('5 / 9');
    await page.click('#play');
    expect(await page.getAttribute('#play', 'aria-label')).toBe('Play');
  });

  it('saves latents that the library reads, and videos that play', async () => {
    const latents = await openLatents(await saved('#save-latents'));
    expect(latents).toMatchObject({ shape: [3, 8, 8, 4], info: { model: 'small', frames: 9, width: 64, height: 64 } });
    await latents.close();
    const rebuilt = await saved('#save-video');
    expect(rebuilt).toMatch(/sample-rebuilt\.(mp4|webm|y4m)$/);
    expect(await probeVideo(rebuilt)).toMatchObject({ frameCount: 9, width: 64, height: 64, fps: 24 });
    expect(await probeVideo(await saved('#save-both'))).toMatchObject({ frameCount: 9, width: 128, height: 64 });
  });

  it("takes somebody's own checkpoint with its config, from files and from an address", async () => {
    const expected = await shownPsnr();
    await page.selectOption('#model', 'file');
    await page.click('#run');
    expect(await page.textContent('#problem-text')).toContain('Choose the file with the weights');
    const files = ['diffusion_pytorch_model.safetensors', 'config.json'].map((name) => join(model, name));
    await page.setInputFiles('#model-file', files);
    await page.click('#run');
    await page.waitForSelector('#progress:not([hidden])');
    await hasResult(page);
    expect(await shownPsnr()).toBe(expected);

    await page.selectOption('#model', 'address');
    await page.fill('#model-address', `${server.address}/model/nothing.safetensors`);
    await page.click('#run');
    await page.waitForSelector('#problem:not([hidden])');
    expect(await page.textContent('#problem-text')).toMatch(/ http:.*nothing\.safetensors/);
    await page.fill('#model-address', `${server.address}/model/diffusion_pytorch_model.safetensors`);
    await page.click('#run');
    await hasResult(page);
    expect(await shownPsnr()).toBe(expected);
    await page.selectOption('#model', 'small');
  });

  it('stops at once when it is told to, and runs again afterwards', async () => {
    await page.selectOption('#frames', '33');
    await page.selectOption('#short-side', '256');
    await page.click('#run');
    await page.waitForFunction(() => document.querySelector('#progress-text')!.textContent === 'Encoding');
    expect(await page.evaluate(() => document.activeElement!.id)).toBe('cancel');
    await page.keyboard.press('Enter');
    expect(await page.getAttribute('#stage', 'data-state')).toBe('result');
    expect(await page.textContent('#announcement')).toBe('Cancelled.');
    expect(await page.isHidden('#problem')).toBe(true);
    await page.selectOption('#frames', '5');
    await page.selectOption('#short-side', '64');
    await page.click('#run');
    await hasResult(page);
    expect(await page.textContent('#position-text')).toBe('1 / 5');
  });

  it.each(['vp9.webm', 'disposal.gif', 'sample.y4m'])('rebuilds %s as Node does', async (name) => {
    const file = name.endsWith('.y4m') ? await asY4m(clip) : join(MEDIA, name);
    await useBackend('simd');
    using vae = await OdVae.fromPretrained('small');
    const inNode = await vae.reconstruct(file, undefined, { frames: 5, shortSide: 64, crop: 'square' });
    await page.setInputFiles('#file', file);
    await page.waitForSelector('#progress:not([hidden])');
    await hasResult(page);
    expect(Math.abs((await shownPsnr()) - inNode.psnr)).toBeLessThan(0.1);
    expect(await page.textContent('#quality-chart svg text:last-of-type')).toBe(String(inNode.frames));
  });

  testBehavior(() => page);

  it('records a webcam, on a phone', async () => {
    await page.setViewportSize({ width: 360, height: 740 });
    await page.click('#camera');
    const shifts = await watchShifts();
    await page.click('#camera-record');
    await hasResult(page);
    expect(await shifts()).toEqual([]);
    expect(await page.textContent('#size-file')).toBe('webcam');
    expect(await page.textContent('#position-text')).toBe('1 / 5');
    expect(errors).toEqual([]);
  });

  it('has loaded its own model once, and the sample not at all', () => {
    expect(countLarge(server.requests)).toEqual({ model: 1, sample: 0 });
  });

  it.each([
    [
      'frames=5&od-vae-backend=webgpu',
      /^WebGPU is not available, so the setting is Automatic now\. (No GPU|This browser)/,
    ],
    [
      'od-vae-backend=tpu',
      /^The parameter od-vae-backend of the address must be one of auto, .* but is "tpu"; auto is used/,
    ],
    ['od-vae-backend=', /but is ""; auto is used/],
    ['frames=6&side=x', /^The parameter frames .* "6"; 33 is used\. The parameter side .* "x"; 128 is used\.$/],
  ])('says what is used instead of %s', async (search, note) => {
    const other = await openPage(context, server.address, `?${search}`);
    await other.page.waitForSelector('#problem:not([hidden])');
    expect(await other.page.textContent('#problem-text')).toMatch(note);
    await other.page.selectOption('#short-side', '64');
    if (search.endsWith('webgpu')) expect((await runAt(other.page)).time).toMatch(/ s on simd$/);
    expect(other.errors).toEqual([]);
    await other.page.close();
  });

  it('falls back when a backend never answers', async () => {
    const own = await browser.newContext({ serviceWorkers: 'block', reducedMotion: 'reduce' });
    await own.route(/assets\/worker-.*\.js$/, async (route) => {
      const response = await route.fetch();
      const silent = `Object.defineProperty(navigator, 'gpu', { value: { requestAdapter: () => new Promise(() => {}) } });\n`;
      await route.fulfill({ response, body: silent + (await response.text()) });
    });
    const other = await openPage(own, server.address, '?frames=5&side=64&od-vae-backend=webgpu');
    const { note, time } = await runAt(other.page);
    expect(note).toContain('There was no answer within 20 seconds.');
    expect(time).toMatch(/ s on simd$/);
    await own.close();
  });
});
