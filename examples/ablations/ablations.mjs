// The paper's ablations at small scale: node ablations.mjs --train clips --heldout clips --lpips weights.safetensors --output out
//
// An image VAE is trained first, in SD-VAE's layout; then variants 1 to 4 grow from it by tail initialization, and variant 4
// by each of three, with several seeds. All arms see the same clips. Finished points are kept: the same command goes on where
// it was ended.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { run } from '@od-vae/cli';
import '@tensorflow/tfjs-layers';
import 'od-vae/auto';

import { arms, imageVae } from './arms.mjs';
import { judgeOf } from './evaluate.mjs';
import { curves, table } from './report.mjs';

const { values: options } = parseArgs({
  options: {
    train: { type: 'string' },
    heldout: { type: 'string' },
    lpips: { type: 'string' },
    network: { type: 'string', default: 'squeeze' },
    output: { type: 'string', default: 'ablations' },
    width: { type: 'string', default: '16' },
    steps: { type: 'string', default: '400' },
    'image-steps': { type: 'string', default: '1500' },
    points: { type: 'string', default: '5' },
    seeds: { type: 'string', default: '3' },
    frames: { type: 'string', default: '9' },
    size: { type: 'string', default: '64' },
    only: { type: 'string', default: 'variants,initializations' },
  },
});
for (const name of ['train', 'heldout', 'lpips']) {
  if (options[name] === undefined) {
    console.error(`ablations: --${name} is needed: a folder of clips, or the file of LPIPS.`);
    process.exit(2);
  }
}
const [width, steps, imageSteps, points, frames, size, seeds] = [
  'width',
  'steps',
  'image-steps',
  'points',
  'frames',
  'size',
  'seeds',
].map((name) => Number(options[name]));
const output = resolve(options.output);
mkdirSync(output, { recursive: true });

/** What every run shares: L1, LPIPS and KL; the adversary starts long after such short runs. */
const recipe = {
  data: {
    folder: resolve(options.train),
    size,
    resize: false,
    crop: 'random',
    flip: true,
    cache: join(output, 'cache'),
  },
  batch: 2,
  learningRate: { rate: 4e-4, warmup: Math.min(20, steps) },
  perceptual: { weights: resolve(options.lpips), network: options.network, weight: 0.3 },
  klWeight: 3e-4,
  averageDecay: null,
  imagesEvery: 0,
};

const ended = new AbortController();
process.once('SIGINT', () => ended.abort());
const streams = { stdout: process.stderr, stderr: process.stderr, env: process.env, signal: ended.signal };

/** Trains to a step, from the newest checkpoint if there is one, and gives the folder of the model. */
async function train(name, config, toStep) {
  const folder = join(output, 'runs', name);
  mkdirSync(folder, { recursive: true });
  const file = join(output, 'runs', `${name}.json`);
  const merged = { ...recipe, ...config, data: { ...recipe.data, ...config.data }, output: folder };
  writeFileSync(
    file,
    JSON.stringify({ ...merged, steps: toStep, saveEvery: Math.min(250, toStep), keep: 1 }, undefined, 2),
  );
  const code = await run(['train', file, '--resume', '--progress'], streams);
  if (code !== 0) process.exit(code);
  return join(folder, 'model');
}

const image = await train('image', { model: imageVae(width), data: { frames: 1 }, batch: 8 }, imageSteps);
const known = join(output, 'points.json');
const results = existsSync(known) ? JSON.parse(readFileSync(known, 'utf8')) : [];
const judge = await judgeOf({
  folder: resolve(options.heldout),
  lpipsFile: resolve(options.lpips),
  network: options.network,
  frames: 4 * Math.floor((frames + 8) / 4) + 1,
  size: 2 * size,
});

for (const { ablation, name, run: trained, config } of arms({ width, image })) {
  if (!options.only.split(',').includes(ablation)) continue;
  for (let seed = 1; seed <= seeds; seed++) {
    for (let point = 1; point <= points; point++) {
      const step = Math.round((steps * point) / points);
      const same = results.filter((one) => one.run === trained && one.seed === seed && one.step === step);
      if (same.some((one) => one.ablation === ablation)) continue;
      const { psnr, lpips } =
        same[0] ?? (await judge.judge(await train(`${trained}-${seed}`, { ...config, data: { frames }, seed }, step)));
      results.push({ ablation, name, run: trained, seed, step, psnr, lpips });
      writeFileSync(known, JSON.stringify(results, undefined, 2));
    }
  }
}
judge.dispose();

for (const ablation of options.only.split(',')) {
  const own = results.filter((one) => one.ablation === ablation);
  for (const metric of ['psnr', 'lpips'])
    writeFileSync(join(output, `${ablation}-${metric}.svg`), await curves(own, metric));
  const text = table(own, ablation);
  writeFileSync(join(output, `${ablation}.md`), text);
  console.log(text);
}
