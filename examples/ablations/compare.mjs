// PSNR and LPIPS of models on each clip of a folder, as a table:
// node compare.mjs --heldout clips --lpips weights.safetensors [--frames 33] [--size 256] small out/run/model
import { parseArgs } from 'node:util';
import { resolve } from 'node:path';

import '@tensorflow/tfjs-layers';
import 'od-vae/auto';

import { judgeOf } from './evaluate.mjs';

const { values: options, positionals: models } = parseArgs({
  options: {
    heldout: { type: 'string' },
    lpips: { type: 'string' },
    network: { type: 'string', default: 'squeeze' },
    frames: { type: 'string', default: '33' },
    size: { type: 'string', default: '256' },
  },
  allowPositionals: true,
});
if (options.heldout === undefined || options.lpips === undefined || models.length === 0) {
  console.error('compare: --heldout (a folder of clips), --lpips (its file) and at least one model are needed.');
  process.exit(2);
}
const judge = await judgeOf({
  folder: resolve(options.heldout),
  lpipsFile: resolve(options.lpips),
  network: options.network,
  frames: Number(options.frames),
  size: Number(options.size),
});
console.log('| clip | model | PSNR, dB | LPIPS |\n| --- | --- | --- | --- |');
for (const model of models) {
  const { clips, psnr, lpips } = await judge.judge(model);
  for (const one of [...clips, { name: 'mean', psnr, lpips }]) {
    console.log(`| ${one.name} | ${model} | ${one.psnr.toFixed(2)} | ${one.lpips.toFixed(4)} |`);
  }
}
judge.dispose();
