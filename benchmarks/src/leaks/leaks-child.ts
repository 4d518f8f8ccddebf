// A process of its own that encodes and decodes again and again: node --expose-gc leaks-child.js [rounds] [every].
// After every `every` rounds it prints what it holds, as one JSON line of the form of a `LeakSample`.
import { readdirSync, readFileSync } from 'node:fs';

import type { SimdBackend } from '@od-vae/backend-simd';
import { backend, memory, tidy, type Tensor5D, zeros } from '@tensorflow/tfjs-core';
import { OdVae, useBackend } from 'od-vae';

import type { LeakSample } from '../report/result.ts';

const [rounds, every] = process.argv.slice(2).map(Number) as [number, number];
await useBackend('simd');
await (backend() as SimdBackend).pool.started();
const vae = await OdVae.fromPretrained('small');
for (let round = 1; round <= rounds; round++) {
  tidy(() => {
    const clip: Tensor5D = zeros([1, 5, 16, 16, 3]);
    using posterior = vae.encode(clip);
    vae.decode(posterior.sample({ seed: round }));
  });
  if (round % every === 0) {
    // Freed memory of workers' messages and of finalized arrays counts only once it is collected.
    await new Promise((resolve) => setTimeout(resolve, 20));
    globalThis.gc?.();
    console.log(JSON.stringify(sample(round)));
  }
}
vae.dispose();

function sample(round: number): LeakSample {
  const [, kilobytes] = /VmRSS:\s*(\d+)/.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return {
    round,
    tensors: memory().numTensors,
    threads: readdirSync('/proc/self/task').length,
    files: readdirSync('/proc/self/fd').length,
    residentBytes: Number(kilobytes) * 1024,
  };
}
