// A contender's process: TensorFlow.js on the backend that is named, `simd`, `wasm` or `cpu`.
import type { SimdBackend } from '@od-vae/backend-simd';
import { backend, version_core as tfjs } from '@tensorflow/tfjs-core';
import { useBackend } from 'od-vae';

import { serve } from './serve.ts';
import { tfjsRun } from './tfjs-runs.ts';

const name = process.argv[2] ?? 'simd';
await useBackend(name);
const precision = process.env['OD_VAE_PRECISION'];
const program = name === 'simd' ? `od-vae simd${precision ? ` (${precision})` : ''}` : `tfjs ${tfjs} ${name}`;
await serve({
  version: `${program}, Node ${process.versions.node}`,
  prepare: async (one) => {
    if (one.kind === 'step' || one.kind === 'train') await import('@tensorflow/tfjs-layers');
    if (name === 'simd') await (backend() as SimdBackend).pool.started();
    return tfjsRun(one);
  },
});
