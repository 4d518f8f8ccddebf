// node tools/measure/backends.mjs: tensorflow beside simd, in turn, in one process: best of three runs of each.
import { disposeParams, initParams } from '@od-vae/core';
import { kernelCoverage } from '@od-vae/kernel-suite';
import { encode, odVaeSpec, parseConfig, variants } from '@od-vae/models';
import {
  getKernelsForBackend,
  memory,
  registerKernel,
  setBackend,
  unregisterKernel,
  zeros,
} from '@tensorflow/tfjs-core';
import { OdVae, useBackend } from 'od-vae';

// A TensorFlow that lies elsewhere brings a cpu backend of its own, which must come second.
await useBackend('cpu');
await import('@od-vae/backend-node');

const RUNS = 3;

/** Names of contenders, and what they run on; without our kernels, references in TensorFlow's stock ops run. */
const CONTENDERS = { simd: 'simd', tensorflow: 'tensorflow', 'tensorflow, stock ops': 'tensorflow' };

const own = new Set(kernelCoverage('tensorflow').own);
const kernels = getKernelsForBackend('tensorflow').filter(({ kernelName }) => own.has(kernelName));

async function choose(contender) {
  for (const { kernelName } of getKernelsForBackend('tensorflow')) {
    if (own.has(kernelName)) unregisterKernel(kernelName, 'tensorflow');
  }
  if (!contender.includes('stock')) for (const kernel of kernels) registerKernel(kernel);
  await setBackend(CONTENDERS[contender]);
}

/** Times `run` of every contender in turn, after one run of each that nobody times. */
async function compare(title, prepare, run, free) {
  const ready = {};
  for (const backend of new Set(Object.values(CONTENDERS))) {
    await useBackend(backend);
    ready[backend] = await prepare();
  }
  const best = Object.fromEntries(Object.keys(CONTENDERS).map((name) => [name, Infinity]));
  for (let round = -1; round < RUNS; round++) {
    for (const contender of Object.keys(CONTENDERS)) {
      await choose(contender);
      const began = performance.now();
      await run(ready[CONTENDERS[contender]]);
      if (round >= 0) best[contender] = Math.min(best[contender], performance.now() - began);
    }
  }
  for (const backend of Object.keys(ready)) {
    await setBackend(backend);
    free(ready[backend]);
  }
  console.log(title);
  for (const [name, time] of Object.entries(best)) {
    console.log(`  ${name}: ${(time / 1000).toFixed(2)} s, ${(best.simd / time).toFixed(2)} times simd`);
  }
}

const config = parseConfig(variants[4]);
await compare(
  'encode 9x64x64, variant 4 of full width',
  () => ({ params: initParams(odVaeSpec(config)), clip: zeros([1, 9, 64, 64, 3]) }),
  async ({ params, clip }) => {
    const moments = encode(params, clip, config);
    await moments.data();
    moments.dispose();
  },
  ({ params, clip }) => {
    disposeParams(params);
    clip.dispose();
  },
);
await compare(
  'encode and decode 17x128x128, small model',
  async () => ({ vae: await OdVae.fromPretrained('small'), clip: zeros([1, 17, 128, 128, 3]) }),
  async ({ vae, clip }) => {
    const posterior = vae.encode(clip);
    const latents = posterior.mode();
    const rebuilt = vae.decode(latents);
    await rebuilt.data();
    for (const tensor of [latents, rebuilt]) tensor.dispose();
    posterior.dispose();
  },
  ({ vae, clip }) => {
    vae.dispose();
    clip.dispose();
  },
);
console.log(`${memory().numTensors} tensors left`);
process.exit();
