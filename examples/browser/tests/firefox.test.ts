import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { openVideo } from '@od-vae/video';
import { OdVae, openLatents, useBackend } from 'od-vae';
import { type Browser, launch, type Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { clip, servePage } from './open-page.ts';

const executablePath = process.env['FIREFOX_PATH'] ?? '/usr/bin/firefox-esr';

/** Milliseconds that anything may take. */
const PATIENCE = 250_000;

/** Decibels between the page and Node: Firefox turns pictures into RGB by itself, and blue a little otherwise (40 dB). */
const APART = 0.3;

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
      browser = await launch({
        browser: 'firefox',
        executablePath,
        extraPrefsFirefox: { 'browser.download.folderList': 2, 'browser.download.dir': folder },
      });
      page = await browser.newPage();
      page.setDefaultTimeout(PATIENCE);
      page.on('pageerror', (error) => errors.push((error as Error).message));
      await page.goto(`${server.address}/some/path/?frames=9&side=64`);
    });

    afterAll(async () => {
      await browser?.close();
      await server?.[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    });

    /** The file that a press of a button saves. */
    async function saved(button: string, ending: RegExp): Promise<string> {
      await page.click(button);
      const find = async () => (await readdir(folder)).find((name) => ending.test(name));
      await expect.poll(find).toBeDefined();
      return join(folder, (await find())!);
    }

    it('isolates itself through its service worker, and computes on threads', async () => {
      await page.waitForFunction(
        () =>
          crossOriginIsolated &&
          /^WebAssembly on \d+ threads\./.test(document.querySelector('#backend-detail')!.textContent),
      );
    });

    it('rebuilds a real clip as Node does', async () => {
      await useBackend('simd');
      using vae = await OdVae.fromPretrained('small');
      const inNode = await vae.reconstruct(clip, undefined, { frames: 9, shortSide: 64 });
      const input = (await page.$('#file'))! as unknown as { uploadFile(path: string): Promise<void> };
      await input.uploadFile(clip);
      await page.waitForSelector('#stage[data-state=result]');
      const quality = await page.$eval('#quality-text', ({ textContent }) => textContent);
      const psnr = Number(/PSNR ([\d.]+) dB/.exec(quality)?.[1]);
      expect(Math.abs(psnr - inNode.psnr)).toBeLessThan(APART);
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
  },
);
