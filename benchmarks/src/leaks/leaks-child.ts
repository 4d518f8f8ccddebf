// A process of its own that does one work again and again: node --expose-gc leaks-child.js WORK ROUNDS EVERY. After every
// `EVERY` rounds it prints what it holds, as one JSON line of the form of a `LeakSample`.
import { readdirSync, readFileSync } from 'node:fs';

import '@tensorflow/tfjs-layers';
import type { SimdBackend } from '@od-vae/backend-simd';
import { variants } from '@od-vae/models';
import { backend, memory, randomUniform, tidy, type Tensor5D, zeros } from '@tensorflow/tfjs-core';
import { OdVae, useBackend } from 'od-vae';

import { trainingPair } from '../contenders/training-pair.ts';
import type { LeakSample } from '../report/result.ts';

/** Each gives what one round does. */
const WORKS: Record<LeakSample['work'], () => Promise<(round: number) => Promise<void> | void>> = {
  'encode and decode': async () => {
    const vae = await OdVae.fromPretrained('small');
    return (round) => {
      tidy(() => {
        const clip: Tensor5D = zeros([1, 5, 16, 16, 3]);
        using posterior = vae.encode(clip);
        vae.decode(posterior.sample({ seed: round }));
      });
    };
  },
  // A round is a step of the generator and one of the discriminator.
  'two training steps': async () => {
    const narrow = {
      ...variants[4],
      hidden_size: 8,
      hidden_size_mult: [1, 1, 2, 2],
      num_res_blocks: 1,
      norm_num_groups: 4,
    };
    return trainingPair(narrow, randomUniform([1, 5, 32, 32, 3], -1, 1, 'float32', 1), 'squeeze');
  },
};

const work = process.argv[2] as LeakSample['work'];
const [rounds, every] = process.argv.slice(3).map(Number) as [number, number];
await useBackend('simd');
await (backend() as SimdBackend).pool.started();
const run = await WORKS[work]();
for (let round = 1; round <= rounds; round++) {
  await run(round);
  if (round % every === 0) {
    // Freed memory of workers' messages and of finalized arrays counts only once it is collected.
    await new Promise((resolve) => setTimeout(resolve, 20));
    globalThis.gc?.();
    console.log(JSON.stringify(sample(round)));
  }
}

function sample(round: number): LeakSample {
  const [, kilobytes] = /VmRSS:\s*(\d+)/.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return {
    work,
    round,
    tensors: memory().numTensors,
    threads: readdirSync('/proc/self/task').length,
    files: readdirSync('/proc/self/fd').length,
    residentBytes: Number(kilobytes) * 1024,
  };
}
