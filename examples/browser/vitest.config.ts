import { defineConfig, mergeConfig } from 'vitest/config';

import shared from '../../vitest.shared.ts';

export default mergeConfig(
  shared,
  defineConfig({
    test: {
      include: ['{src,tests}/**/*.test.ts'],
      globalSetup: 'tests/build-page.ts',
      testTimeout: 300_000,
      hookTimeout: 300_000,
      expect: { poll: { timeout: 60_000 } },
    },
  }),
);
