import { readFileSync } from 'node:fs';

import { expect, it } from 'vitest';

import { clip } from './open-page.ts';

/** The part of a page that Playwright and Puppeteer have in common. */
export interface AnyPage {
  evaluate<Result, Argument>(work: (argument: Argument) => Result, argument: Argument): Promise<Awaited<Result>>;
  click(selector: string): Promise<unknown>;
  waitForSelector(selector: string): Promise<unknown>;
}

const IDLE_TEXT = 'PSNR of each frame, in decibels';
const IDLE_LATENTS = 'Each channel of each latent frame, from low (dark) to high (bright)';

/** Drops a file on the page. */
async function drop(page: AnyPage, name: string, bytes: Uint8Array): Promise<void> {
  await page.evaluate(
    ({ fileName, base64 }) => {
      const data = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([data], fileName));
      document.body.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
    },
    { fileName: name, base64: Buffer.from(bytes).toString('base64') },
  );
}

/** Drops a real clip and waits for its result. */
async function dropClip(page: AnyPage): Promise<void> {
  await drop(page, 'good.mp4', readFileSync(clip));
  await page.waitForSelector('#progress:not([hidden])');
  await page.waitForSelector('#stage[data-state=result]');
}

/** Sets fields as a user does. */
async function fill(page: AnyPage, values: Readonly<Record<string, string>>): Promise<void> {
  await page.evaluate((all) => {
    for (const [id, value] of Object.entries(all)) {
      const field = document.querySelector<HTMLInputElement | HTMLSelectElement>(`#${id}`)!;
      field.value = value;
      field.dispatchEvent(new Event('change', { bubbles: true }));
    }
  }, values);
}

/** Returns everything that a result consists of, and the focus. */
function look(page: AnyPage) {
  return page.evaluate(() => {
    const text = (id: string): string => document.querySelector(`#${id}`)!.textContent;
    const isEnabled = (id: string): boolean => !document.querySelector<HTMLButtonElement>(`#${id}`)!.disabled;
    const pixels = [...document.querySelectorAll<HTMLCanvasElement>('#picture canvas')].map((canvas) =>
      canvas.width > 0 ? canvas.toDataURL() : '',
    );
    return {
      state: document.querySelector<HTMLElement>('#stage')!.dataset['state'],
      pixels,
      isPictureShown: document.querySelector('#picture')!.checkVisibility(),
      quality: text('quality-text'),
      chart: document.querySelector('#quality-chart svg')!.getAttribute('aria-label'),
      points: document.querySelector('#quality-chart .curve')?.getAttribute('points') ?? null,
      latents: document.querySelectorAll('#latents canvas').length,
      latentsText: text('latents-text'),
      sizes: ['size-file', 'size-raw', 'size-latents', 'size-ratio', 'run-time'].map(text),
      enabled: ['save-latents', 'save-video', 'save-both', 'play', 'run', 'another'].filter(isEnabled),
      selected: text('selected'),
    };
  }, undefined);
}

const focused = (page: AnyPage) => page.evaluate(() => document.activeElement!.id, undefined);

/** Tests of results, focus and progress that run in every browser; the page has small settings. */
export function testBehavior(get: () => AnyPage): void {
  testResults(get);
  testRuns(get);
  testFocus(get);
}

function testResults(get: () => AnyPage): void {
  it('keeps the result and the clip when another file cannot be read', async () => {
    const page = get();
    await dropClip(page);
    const before = await look(page);
    expect(before).toMatchObject({ state: 'result', selected: 'Clip: good.mp4', isPictureShown: true });
    expect(before.enabled).toHaveLength(6);
    await drop(page, 'bad.mp4', Buffer.from('no video'));
    await page.waitForSelector('#problem:not([hidden])');
    expect(await look(page)).toEqual(before);
    await page.click('#problem-close');
    await page.click('#run');
    await page.waitForSelector('#progress:not([hidden])');
    await page.waitForSelector('#stage[data-state=result]');
    expect((await look(page)).quality).toBe(before.quality);
  });

  it('keeps the result, its downloads and the clip when a run is cancelled', async () => {
    const page = get();
    const before = await look(page);
    const { frames, side } = await page.evaluate(() => {
      const value = (id: string) => document.querySelector<HTMLSelectElement>(`#${id}`)!.value;
      return { frames: value('frames'), side: value('short-side') };
    }, undefined);
    await fill(page, { frames: '33', 'short-side': '256' });
    await page.click('#run');
    await page.waitForSelector('#stage[data-state=busy]');
    // The numbers of the previous run are gone while pictures of this one are shown.
    expect(await look(page)).toMatchObject({ quality: IDLE_TEXT, points: null, sizes: ['–', '–', '–', '–', '–'] });
    expect(await focused(page)).toBe('cancel');
    await page.click('#cancel');
    await page.waitForSelector('#transport:not([hidden])');
    expect(await look(page)).toEqual(before);
    expect(await focused(page)).toBe('run');
    await fill(page, { frames, 'short-side': side });
  });
}

function testRuns(get: () => AnyPage): void {
  it('runs although a field that is hidden is invalid', async () => {
    const page = get();
    await fill(page, { model: 'address', 'model-address': 'no address' });
    await page.click('#run');
    await page.waitForSelector('#problem:not([hidden])');
    await fill(page, { model: 'small' });
    await page.click('#run');
    await page.waitForSelector('#progress:not([hidden])');
    await page.waitForSelector('#stage[data-state=result]');
  });

  it('leaves focus and scroll position alone when a run ends', async () => {
    const page = get();
    await page.evaluate(() => {
      document.querySelector<HTMLElement>('#square')!.focus();
      document.body.style.minHeight = '4000px';
      scrollTo(0, 900);
    }, undefined);
    const position = await page.evaluate(() => scrollY, undefined);
    expect(position).toBeGreaterThan(500);
    await dropClip(page);
    expect(await focused(page)).toBe('square');
    expect(await page.evaluate(() => scrollY, undefined)).toBe(position);
    await page.evaluate(() => document.body.style.removeProperty('min-height'), undefined);
  });

  it('has one progress bar for reading, loading and coding, and reports the time of all of them', async () => {
    const page = get();
    await page.evaluate(() => {
      const steps: { text: string; value: number; at: number }[] = [];
      Object.assign(globalThis, { steps });
      const bar = document.querySelector<HTMLProgressElement>('#progress-bar')!;
      const row = document.querySelector('#progress')!;
      const note = (): void => {
        const text = document.querySelector('#progress-text')!.textContent;
        steps.push({ text, value: bar.position, at: performance.now() });
      };
      new MutationObserver(note).observe(row, { attributes: true, childList: true, subtree: true });
    }, undefined);
    await dropClip(page);
    const steps = await page.evaluate(
      () => (globalThis as unknown as { steps: { text: string; value: number; at: number }[] }).steps,
      undefined,
    );
    const values = steps.map(({ value }) => value);
    expect(values).toEqual(values.toSorted((a, b) => a - b));
    expect(steps.some(({ text, value }) => text === 'Reading' && value > 0)).toBe(true);
    expect(steps.some(({ text, value }) => text === 'Decoding' && value > 0.5)).toBe(true);
    const [, seconds] = /^([\d.]+) s on /.exec((await look(page)).sizes[4]!)!;
    // Rounded to tenths.
    expect(Number(seconds)).toBeGreaterThanOrEqual((steps.at(-1)!.at - steps[0]!.at) / 1000 - 0.15);
  });
}

function testFocus(get: () => AnyPage): void {
  it('starts over with "New video": no player, no downloads, no numbers, and the focus on the choice of a file', async () => {
    const page = get();
    await page.click('#another');
    expect(await look(page)).toMatchObject({
      state: 'empty',
      isPictureShown: false,
      quality: IDLE_TEXT,
      points: null,
      latents: 0,
      latentsText: IDLE_LATENTS,
      sizes: ['–', '–', '–', '–', '–'],
      enabled: [],
      selected: 'No clip yet',
    });
    expect(await focused(page)).toBe('choose');
  });

  it('gives the focus back after an error and after the webcam', async () => {
    const page = get();
    await drop(page, 'bad.mp4', Buffer.from('no video'));
    await page.waitForSelector('#problem:not([hidden])');
    await page.click('#problem-close');
    expect(await focused(page)).toBe('choose');
    await page.click('#camera');
    await page.waitForSelector('#camera-view:not([hidden])');
    expect(await focused(page)).toBe('camera-record');
    await page.click('#camera-stop');
    expect(await focused(page)).toBe('camera');
  });
}

/** Returns the note of the page at this address, and the backend of a run of a clip there. */
export async function runAt(page: AnyPage): Promise<{ note: string; time: string }> {
  await page.waitForSelector('#problem:not([hidden])');
  const note = await page.evaluate(() => document.querySelector('#problem-text')!.textContent, undefined);
  await dropClip(page);
  return { note, time: (await look(page)).sizes[4]! };
}
