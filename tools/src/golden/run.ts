import { readdirSync, statSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { parseArgs } from 'node:util';

import { readGolden } from '@od-vae/test-utils';
import { getBackend } from '@tensorflow/tfjs-core';
import { useBackend } from 'od-vae';

import { checkBlocks } from './blocks.ts';
import type { GoldenCheck, GoldenResult, Tolerances } from './check.ts';
import { checkFull } from './full.ts';
import { checkInit } from './init.ts';
import { checkModels } from './models.ts';
import { checkTiling } from './tiling.ts';
import { checkTraining } from './training.ts';
import { bringBackend } from '../bring-backend.ts';

/** Checks by the name of the file that they read. */
const CHECKS: Readonly<Record<string, GoldenCheck>> = {
  blocks: checkBlocks,
  models: checkModels,
  tiling: checkTiling,
  init: checkInit,
  training: checkTraining,
  full: checkFull,
};

/** What takes minutes on cpu: it runs on simd unless a backend is asked for. */
const SLOW_ON_CPU = new Set(['training', 'full']);

/** What a right implementation reaches on narrow models, and, where sums are long or a GPU rounds, on the others. */
const NARROW: Tolerances = { moments: 1e-5, pixels: 1e-4 };
const WIDE: Tolerances = { moments: 1e-4, pixels: 1e-3 };

const USAGE = `Compares the model with golden values from PyTorch.

  npm run golden -- [folder] [--backend cpu|simd|wasm|webgpu|tensorflow] [--precision exact|fast] [--only blocks,models,…]

folder     where to look for ${Object.keys(CHECKS).join(', ')} (.safetensors), at any depth; by default the
           fixtures of this repository
--backend  by default cpu, and simd for training and the full-size model, which take minutes on cpu; wasm has no gradient
           of 2D kernels, so training is left out there; webgpu needs the npm package
           "webgpu" and a driver, on Linux Vulkan's; tensorflow needs @tensorflow/tfjs-node, see docs/cuda.md
--precision
           of simd: exact (the default here) sums all products, fast transforms convolutions and may err ten times more
--only     some of the files`;

/** Runs every check that the folder has a file for, prints the largest error of each, and sets the exit code. */
export async function checkGoldenFolder(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      backend: { type: 'string' },
      precision: { type: 'string', default: 'exact' },
      only: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) return console.log(USAGE);
  // The backend reads it when it is first used.
  process.env['OD_VAE_PRECISION'] = values.precision;
  const folder = positionals[0] ?? join(import.meta.dirname, '../../../packages/models/fixtures');
  const files = goldenFiles(folder, values.only?.split(',')).filter(
    (path) => values.backend !== 'wasm' || basename(path) !== 'training.safetensors',
  );
  if (files.length === 0) throw new Error(`${folder} holds none of ${Object.keys(CHECKS).join(', ')} (.safetensors).`);
  await bringBackend(values.backend ?? 'cpu');
  let [passed, failed] = [0, 0];
  for (const path of files) {
    try {
      const results = await checkFile(path, values.backend);
      const wrong = results.filter(isWrong);
      passed += results.length - wrong.length;
      failed += wrong.length;
      printFile(relative(folder, path), results, wrong);
    } catch (error) {
      failed += 1;
      console.log(`${relative(folder, path)}: FAILED, ${(error as Error).message}`);
    }
  }
  console.log(`${passed} passed, ${failed} failed`);
  if (failed > 0) process.exitCode = 1;
}

/** The golden files below a folder, in the order of {@link CHECKS}. */
export function goldenFiles(folder: string, only: readonly string[] = Object.keys(CHECKS)): string[] {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) throw new Error(`${folder} is no folder.`);
  const found = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.safetensors'))
    .map((entry) => join(entry.parentPath, entry.name));
  return Object.keys(CHECKS)
    .filter((name) => only.includes(name))
    .flatMap((name) => found.filter((path) => basename(path, '.safetensors') === name));
}

/** Everything that one golden file says about the model. */
export async function checkFile(path: string, backend?: string): Promise<GoldenResult[]> {
  const name = basename(path, '.safetensors');
  await useBackend(backend ?? (SLOW_ON_CPU.has(name) ? 'simd' : 'cpu'));
  const context = {
    file: readGolden(path),
    sibling: (other: string) => readGolden(join(dirname(path), `${other}.safetensors`)),
    tolerances: name === 'full' || backend === 'webgpu' || process.env['OD_VAE_PRECISION'] === 'fast' ? WIDE : NARROW,
  };
  const results: GoldenResult[] = [];
  for await (const result of CHECKS[name]!(context)) results.push(result);
  return results;
}

function isWrong({ error, tolerance }: GoldenResult): boolean {
  return !(error <= tolerance);
}

function printFile(path: string, results: readonly GoldenResult[], wrong: readonly GoldenResult[]): void {
  const worst = results.reduce((a, b) => (b.error / (b.tolerance || 1) > a.error / (a.tolerance || 1) ? b : a));
  console.log(
    `${path} (${getBackend()}): ${results.length} comparisons, largest error ${worst.error.toExponential(1)} ` +
      `of ${worst.tolerance.toExponential(0)} allowed (${worst.name})`,
  );
  for (const { name, error, tolerance } of wrong) {
    console.log(`  FAILED ${name}: ${error.toExponential(2)}, allowed ${tolerance.toExponential(0)}`);
  }
}
