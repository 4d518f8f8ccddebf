import { existsSync } from 'node:fs';

import { playwright } from '@vitest/browser-playwright';
import { defaultClientConditions } from 'vite';
import { defineConfig, mergeConfig } from 'vitest/config';

import shared from '../../vitest.shared.ts';

const chromium = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';

/** Lets WebGPU run where there is no GPU, in a container, and without calls home. */
const args = [
  '--no-sandbox',
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  '--enable-features=Vulkan',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
  '--no-first-run',
];

const inChromium = defineConfig({
  resolve: { conditions: ['@od-vae/source', ...defaultClientConditions] },
  test: {
    exclude: ['src/without-chromium.test.ts'],
    testTimeout: 180_000,
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      provider: playwright({ launchOptions: { executablePath: chromium, args } }),
      instances: [{ browser: 'chromium' }],
    },
  },
});

const withoutChromium = defineConfig({ test: { exclude: ['src/!(without-chromium).test.ts'] } });

export default mergeConfig(shared, existsSync(chromium) ? inChromium : withoutChromium);
