import { OdVaeError } from '@od-vae/core';

import { tellKernels } from './kernels/tell-kernels.ts';

try {
  await tellKernels(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof OdVaeError)) throw error;
  console.error(`kernels: ${error.message}`);
  process.exitCode = 1;
}
