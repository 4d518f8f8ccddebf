import { build } from 'vite';

import { folder } from './open-page.ts';

/** Builds the page into `dist`, once for all tests. */
export default async function buildPage(): Promise<void> {
  await build({ root: folder, logLevel: 'error' });
}
