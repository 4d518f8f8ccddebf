import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { openVideo } from '@od-vae/video';
import { OdVae, openLatents, useBackend } from 'od-vae';
import { type Browser, launch, type Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { type AnyPage, runAt, testBehavior } from './behavior.ts';
import { clip, servePage } from './open-page.ts';

/** Mesa's software device, which has 16-bit floats; Firefox takes it as it is. */
const LLVMPIPE = '/usr/share/vulkan/icd.d/lvp_icd.x86_64.json';

const executablePath = process.env['FIREFOX_PATH'] ?? '/usr/bin/firefox-esr';

/** Whether WebGPU is tried, too, which takes long to compile its programs. */
const onWebgpu = process.env['OD_VAE_FIREFOX_WEBGPU'] === '1' && existsSync(LLVMPIPE);

/** Milliseconds that anything may take. */
const PATIENCE = 250_000;

/** Decibels between the page and Node: Firefox turns pictures into RGB by itself, and blue a little otherwise (40 dB). */
const APART = 0.3;

function startFirefox(preferences: Record<string, unknown>): Promise<Browser> {
  return launch({ browser: 'firefox', executablePath, extraPrefsFirefox: preferences });
}

async function openPage(browser: Browser, address: string, errors: string[]): Promise<Page> {
  const page = await browser.newPage();
  page.setDefaultTimeout(PATIENCE);
  page.on('pageerror', (error) => errors.push((error as Error).message));
  await page.goto(address);
  // It loads once more through its service worker.
  await page.waitForFunction(() => crossOriginIsolated);
  return page;
}

/** Gives the page a file, and waits for the decibels of what it makes of it. */
async function psnrOf(page: Page, path: string): Promise<number> {
  const input = (await page.$('#file'))! as unknown as { uploadFile(path: string): Promise<void> };
  await input.uploadFile(path);
  await page.waitForSelector('#stage[data-state=result]');
  const quality = await page.$eval('#quality-text', ({ textContent }) => textContent);
  return Number(/PSNR ([\d.]+) dB/.exec(quality)?.[1]);
}

/** Decibels of the same in Node. */
async function psnrInNode(frames: number): Promise<number> {
  await useBackend('simd');
  using vae = await OdVae.fromPretrained('small');
  const { psnr } = await vae.reconstruct(clip, undefined, { frames, shortSide: 64 });
  return psnr;
}

describe.skipIf(!existsSync(executablePath))(
  'the page in Firefox (apt-get install firefox-esr, or its path in FIREFOX_PATH)',
  () => {
    let browser: Browser;
    let server: Awaited<ReturnType<typeof servePage>>;
    let page: Page;
    let folder: string;
    const errors: string[] = [];

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'od-vae-firefox-'));
      server = await servePage(false);
      browser = await startFirefox({
        'browser.download.folderList': 2,
        'browser.download.dir': folder,
        // A result does not play by itself, so that pictures can be compared.
        'ui.prefersReducedMotion': 1,
        // A webcam that gives test pictures, without a question.
        'media.navigator.streams.fake': true,
        'media.navigator.permission.disabled': true,
      });
      page = await openPage(browser, `${server.address}/some/path/?frames=9&side=64`, errors);
    });

    afterAll(async () => {
      await browser?.close();
      await server?.[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    });

    /** The file that a press of a button saves. */
    async function saved(button: string, ending: RegExp): Promise<string> {
      await page.click(button);
      // A file that is not yet whole is empty, and another has its bytes.
      const find = async () => {
        const names = await readdir(folder);
        const name = names.find((one) => ending.test(one));
        if (name === undefined || names.some((one) => one.endsWith('.part'))) return undefined;
        return (await stat(join(folder, name))).size > 0 ? name : undefined;
      };
      await expect.poll(find).toBeDefined();
      return join(folder, (await find())!);
    }

    it('isolates itself through its service worker, and computes on threads', async () => {
      await page.waitForFunction(() =>
        /^WebAssembly on \d+ threads\./.test(document.querySelector('#backend-detail')!.textContent),
      );
    });

    it('rebuilds a real clip as Node does', async () => {
      expect(Math.abs((await psnrOf(page, clip)) - (await psnrInNode(9)))).toBeLessThan(APART);
      expect(errors).toEqual([]);
    });

    it('saves latents, and a video whose every frame can be read', async () => {
      const latents = await openLatents(await saved('#save-latents', /latents\.safetensors$/));
      expect(latents.shape).toEqual([3, 8, 14, 4]);
      await latents.close();
      await using video = await openVideo(await saved('#save-video', /rebuilt\.(mp4|webm|y4m)$/));
      let frames = 0;
      for await (const { width, height } of video.frames()) {
        expect([width, height]).toEqual([112, 64]);
        frames++;
      }
      expect(frames).toBe(9);
    });

    testBehavior(() => page as unknown as AnyPage);

    it('says that a backend is not available, and runs on another one', async () => {
      const other = await openPage(
        browser,
        `${server.address}/some/path/?frames=5&side=64&od-vae-backend=webgpu`,
        errors,
      );
      const { note, time } = await runAt(other as unknown as AnyPage);
      expect(note).toMatch(/^WebGPU is not available, so the setting is Automatic now\. /);
      expect(time).toMatch(/ s on simd$/);
      await other.close();
      expect(errors).toEqual([]);
    });

    it.skipIf(!onWebgpu)(
      'rebuilds it on WebGPU too, with clips of 16 bits (OD_VAE_FIREFOX_WEBGPU=1: a minute or more)',
      async () => {
        vi.stubEnv('VK_ICD_FILENAMES', LLVMPIPE);
        const other = await startFirefox({ 'dom.webgpu.enabled': true, 'gfx.webgpu.ignore-blocklist': true });
        try {
          const address = `${server.address}/some/path/?frames=5&side=64&od-vae-backend=webgpu`;
          const onGpu = await openPage(other, address, errors);
          await onGpu.waitForSelector('#half:not([disabled])');
          await onGpu.click('#half');
          expect(Math.abs((await psnrOf(onGpu, clip)) - (await psnrInNode(5)))).toBeLessThan(APART);
          expect(await onGpu.$eval('#run-time', ({ textContent }) => textContent)).toContain('webgpu');
          expect(errors).toEqual([]);
        } finally {
          await other.close();
          vi.unstubAllEnvs();
        }
      },
    );
  },
);
