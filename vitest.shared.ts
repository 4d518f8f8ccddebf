import { defineConfig } from 'vitest/config';

/** Every package's tests: from source, one worker, results also as JSON for the closing line of `npm test`. */
export default defineConfig({
  resolve: { conditions: ['@od-vae/source'] },
  ssr: { resolve: { conditions: ['@od-vae/source', 'node'] } },
  test: {
    include: ['src/**/*.test.ts'],
    testTimeout: 60_000,
    maxWorkers: 1,
    reporters: ['default', ['json', { outputFile: 'reports/tests.json' }]],
  },
});
