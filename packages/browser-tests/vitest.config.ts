import { existsSync } from 'node:fs';

import { playwright } from '@vitest/browser-playwright';
import { defaultClientConditions } from 'vite';
import { defineConfig, mergeConfig, type TestProjectInlineConfiguration } from 'vitest/config';

import shared from '../../vitest.shared.ts';

const chromium = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';

/** Lets WebGPU run where there is no GPU, in a container, with a camera that nobody has, and without calls home. */
const args = [
  '--no-sandbox',
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  '--enable-features=Vulkan',
  '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
  '--no-first-run',
];

/** Headers of a site whose pages may share memory among threads. */
const ISOLATION = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** Tests in pages; what threads change is also tested where there can be some. */
function inPages(isolated: boolean): TestProjectInlineConfiguration {
  return {
    extends: true,
    server: { headers: isolated ? ISOLATION : {} },
    test: {
      name: isolated ? 'isolated page' : 'page',
      // A project's `include` adds to the shared one.
      exclude: isolated ? ['src/*.test.ts', 'src/webgpu/**'] : ['src/without-chromium.test.ts'],
      provide: { isolated },
      testTimeout: 180_000,
      browser: {
        enabled: true,
        headless: true,
        screenshotFailures: false,
        provider: playwright({ launchOptions: { executablePath: chromium, args } }),
        instances: [{ browser: 'chromium' }],
      },
    },
  };
}

const inChromium = defineConfig({
  resolve: { conditions: ['@od-vae/source', ...defaultClientConditions] },
  // A dependency that is found while a page runs reloads the page.
  optimizeDeps: {
    include: [
      '@tensorflow/tfjs-backend-cpu',
      '@tensorflow/tfjs-backend-wasm',
      '@tensorflow/tfjs-backend-webgpu',
      '@tensorflow/tfjs-core',
      '@tensorflow/tfjs-layers',
      'fast-check',
    ],
  },
  test: { projects: [inPages(false), inPages(true)] },
});

const withoutChromium = defineConfig({ test: { include: ['src/without-chromium.test.ts'] } });

export default mergeConfig(shared, existsSync(chromium) ? inChromium : withoutChromium);
