// One page runs both backends, because compiling WebGPU's shaders is most of its time without a GPU.
import { type GoldenFile, goldenInput, largestDifference, parseGolden, useLeakGuard } from '@od-vae/test-utils';
import { checkBlocks } from '@od-vae/tools/golden/blocks';
import type { GoldenCheck, GoldenResult, Tolerances } from '@od-vae/tools/golden/check';
import { checkModels } from '@od-vae/tools/golden/models';
import { tensor5d } from '@tensorflow/tfjs-core';
import { OdVae } from 'od-vae';
import { beforeAll, describe, expect, it } from 'vitest';

import nodeNumbers from '../fixtures/small-model.json' with { type: 'json' };
import { fetchBytes } from './fetch-bytes.ts';
import { useDevice } from './use-device.ts';

const BLOCKS = new URL('../../models/fixtures/blocks.safetensors', import.meta.url);
const MODELS = new URL('../../models/fixtures/models.safetensors', import.meta.url);

/** A GPU sums in another order and divides less exactly. */
const WEBGPU: Tolerances = { moments: 1e-4, pixels: 1e-3 };
const WASM: Tolerances = { moments: 1e-5, pixels: 1e-4 };

/** The same file with one case of one model. */
function only(file: GoldenFile, model: string, key: string): GoldenFile {
  const models = JSON.parse(file.metadata['models']!) as Record<string, { cases: { key: string }[] }>;
  const entry = models[model]!;
  const cases = entry.cases.filter((one) => one.key === key);
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
  [blocks, models] = (await Promise.all([BLOCKS, MODELS].map(fetchBytes))).map(parseGolden) as [GoldenFile, GoldenFile];
});

describe.each([
  // Without a GPU, WebGPU takes a second for what wasm does in 20 ms.
  ['webgpu', WEBGPU, 16],
  ['wasm', WASM, 32],
] as const)('on %s', (device, tolerances, size) => {
  useDevice(device);
  useLeakGuard();

  it('all 28 building blocks give what PyTorch gives', async () => {
    expect(await resultsOf(checkBlocks, blocks, tolerances)).toHaveLength(2 * 28);
  });

  it.each([
    ['variant4', 'variant4.b1t5h16w24'],
    ['osp_v1_1_0', 'osp_v1_1_0.b1t5h16w24'],
  ])('%s gives what PyTorch gives', async (model, key) => {
    const results = await resultsOf(checkModels, only(models, model, key), tolerances);
    expect(results.map(({ name }) => name)).toEqual([
      `${model} parameters`,
      `${key} moments`,
      `${key} rec`,
      `${key} kl`,
    ]);
  });

  it('the model that comes with the page encodes and decodes a clip as in Node', async () => {
    using vae = await OdVae.fromPretrained('small');
    const clip = tensor5d(goldenInput('clip', [1, 5, size, size, 3]), [1, 5, size, size, 3]);
    const posterior = vae.encode(clip);
    const rebuilt = vae.decode(posterior.mean);
    expect(rebuilt.shape).toEqual(clip.shape);
    const { latents, pixels, pixelStep } = nodeNumbers[size];
    const rebuiltPixels = (await rebuilt.data()).filter((_, index) => index % pixelStep === 0);
    expect(largestDifference(await posterior.mean.data(), latents)).toBeLessThan(tolerances.moments);
    expect(largestDifference(rebuiltPixels, pixels)).toBeLessThan(tolerances.pixels);
    for (const one of [clip, posterior, rebuilt]) one.dispose();
  });
});
