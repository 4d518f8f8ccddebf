import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { serveFolders } from '@od-vae/tools/serve-folders';
import { type Browser, chromium } from 'playwright';
import { build } from 'vite';

import type { Contender } from '../contenders/contenders.ts';
import { inTime } from '../contenders/in-time.ts';
import type { Case } from '../contenders/protocol.ts';
import type { Child, ChildOptions } from '../contenders/start-child.ts';
import type { PageContender } from './page.ts';

declare const contender: PageContender;

/** Lets Chromium run in a container, and without calls home. */
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
  '--no-first-run',
];

const fromHere = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Our backend and onnxruntime-web in pages of Chromium, cross-origin isolated, from a bundle as a site would ship it. */
export async function browserContenders(): Promise<{ contenders: Contender[] } & AsyncDisposable> {
  const bundle = await mkdtemp(join(tmpdir(), 'od-vae-bench-'));
  await build({
    root: fromHere('../../browser'),
    base: './',
    logLevel: 'error',
    build: { outDir: bundle, emptyOutDir: true, target: 'esnext' },
    worker: { format: 'es' },
  });
  const server = await serveFolders({ '/onnxruntime-web/': onnxruntimeFolder() ?? bundle, '/': bundle });
  const browser = await chromium.launch({
    executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
    args: ARGUMENTS,
  });
  const inPage = (name: 'simd' | 'onnxruntime-web', kinds: Contender['kinds'], install: string): Contender => ({
    id: name,
    kinds,
    install,
    start: (options) => startPage(browser, `${server.address}/index.html`, name, options),
  });
  return {
    contenders: [
      inPage('simd', ['convolution', 'normalization', 'attention', 'encode', 'decode'], 'npx tsc -b'),
      inPage(
        'onnxruntime-web',
        ['convolution', 'normalization', 'attention'],
        'npm install --prefix benchmarks/peers --no-package-lock --ignore-scripts',
      ),
    ],
    [Symbol.asyncDispose]: async () => {
      await browser.close();
      await server[Symbol.asyncDispose]();
      await rm(bundle, { recursive: true });
    },
  };
}

function onnxruntimeFolder(): string | undefined {
  const folder = fromHere('../../peers/node_modules/onnxruntime-web/dist');
  return existsSync(folder) ? folder : undefined;
}

async function startPage(
  browser: Browser,
  address: string,
  name: 'simd' | 'onnxruntime-web',
  { threads, limit }: ChildOptions,
): Promise<Child> {
  const page = await browser.newPage();
  const orClose = async <Result>(work: Promise<Result>): Promise<Result> => {
    try {
      return await inTime(work, limit);
    } catch (error) {
      await page.close();
      throw error;
    }
  };
  await orClose(page.goto(address));
  if (!(await orClose(page.evaluate(() => crossOriginIsolated)))) throw new Error('the page may not share memory');
  const version = await orClose(page.evaluate((which) => contender.version(which), name));
  return {
    version: `${version}, Chromium ${browser.version().split('.')[0]}`,
    prepare: async (one: Case) => {
      await orClose(
        page.evaluate(([which, what, count]) => contender.prepare(which, what, count), [name, one, threads] as const),
      );
      if (page.workers().length < threads - 1) {
        await page.close();
        throw new Error(`${threads} threads need ${threads - 1} workers, but ${page.workers().length} run`);
      }
    },
    run: () => orClose(page.evaluate(() => contender.run())),
    end: async () => {
      await page.close();
      return null;
    },
  };
}
