import { describe, it } from 'vitest';

describe('the packages in a browser', () => {
  it.skip('need Chromium: apt-get install chromium, or its path in CHROMIUM_PATH', () => {});
});
