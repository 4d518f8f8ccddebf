import { type GoldenFile, parseGolden, useLeakGuard } from '@od-vae/test-utils';
import { checkBlocks } from '@od-vae/tools/golden/blocks';
import type { GoldenCheck, GoldenResult, Tolerances } from '@od-vae/tools/golden/check';
import { checkModels } from '@od-vae/tools/golden/models';
import { beforeAll, describe, expect, it } from 'vitest';

import { useDevice } from './use-device.ts';

const BLOCKS = new URL('../../models/fixtures/blocks.safetensors', import.meta.url);
const MODELS = new URL('../../models/fixtures/models.safetensors', import.meta.url);

/** A GPU sums in another order, and divides less exactly. */
const TOLERANCES: Readonly<Record<'webgpu' | 'wasm', Tolerances>> = {
  webgpu: { moments: 1e-4, pixels: 1e-3 },
  wasm: { moments: 1e-5, pixels: 1e-4 },
};

async function fetchGolden(url: URL): Promise<GoldenFile> {
  return parseGolden(new Uint8Array(await (await fetch(url)).arrayBuffer()));
}

/** The same file with one model and one of its cases. */
function only(file: GoldenFile, model: string, key: string): GoldenFile {
  const models = JSON.parse(file.metadata['models']!) as Record<string, { cases: { key: string }[] }>;
  const entry = models[model]!;
  const cases = entry.cases.filter((one) => one.key === key);
  expect(cases).toHaveLength(1);
  return { ...file, metadata: { ...file.metadata, models: JSON.stringify({ [model]: { ...entry, cases } }) } };
}

/** Runs a check; fails on every comparison beyond its tolerance. */
async function resultsOf(check: GoldenCheck, file: GoldenFile, tolerances: Tolerances): Promise<GoldenResult[]> {
  const results: GoldenResult[] = [];
  const sibling = (name: string): never => {
    throw new Error(`this check needs no ${name}`);
  };
  for await (const result of check({ file, sibling, tolerances })) results.push(result);
  expect(results.filter(({ error, tolerance }) => !(error <= tolerance))).toEqual([]);
  return results;
}

let blocks: GoldenFile;
let models: GoldenFile;
beforeAll(async () => {
  [blocks, models] = await Promise.all([fetchGolden(BLOCKS), fetchGolden(MODELS)]);
});

describe.each(['webgpu', 'wasm'] as const)('PyTorch’s values on %s', (device) => {
  useDevice(device);
  useLeakGuard();

  it('are those of all 28 building blocks', async () => {
    const results = await resultsOf(checkBlocks, blocks, TOLERANCES[device]);
    expect(results).toHaveLength(2 * 28);
    console.log(device, Math.max(...results.map((r) => r.error)));
  });

  it.each([
    ['variant4', 'variant4.b1t5h16w24'],
    ['osp_v1_1_0', 'osp_v1_1_0.b1t5h16w24'],
  ])('are those of %s', async (model, key) => {
    const results = await resultsOf(checkModels, only(models, model, key), TOLERANCES[device]);
    expect(results.map(({ name }) => name)).toEqual([
      `${model} parameters`,
      `${key} moments`,
      `${key} rec`,
      `${key} kl`,
    ]);
    console.log(device, results);
  });
});
