import { OdVaeError } from '@od-vae/core';

import { checkGoldenFolder } from './golden/run.ts';

try {
  await checkGoldenFolder(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof OdVaeError)) throw error;
  console.error(`golden: ${error.message}`);
  process.exitCode = 1;
}
