import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { disposeParams, paramTensors, type ParamTree } from '@od-vae/core';
import { temporaryPath } from '@od-vae/core/files';
import { loadOdVaeParams, parseConfig } from '@od-vae/models';
import { useBackend, useLeakGuard } from '@od-vae/test-utils';
import type * as weightsModule from '@od-vae/weights';
import { openCheckpoint } from '@od-vae/weights';
import { memory } from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { tinyConfig, tinyTrainer, trainSteps } from '../../fixtures/tiny-run.ts';
import { listCheckpoints } from './checkpoint-folder.ts';
import { exportModel } from './export-model.ts';
import { restoreCheckpoint } from './restore-checkpoint.ts';
import { saveCheckpoint } from './save-checkpoint.ts';

/** Reads of tensors until one fails; below zero, none fails. */
const failing = vi.hoisted(() => ({ reads: -1 }));
vi.mock('@od-vae/weights', async (original) => {
  const weights = await original<typeof weightsModule>();
  const openSafetensors: typeof weights.openSafetensors = async (source) => {
    const file = await weights.openSafetensors(source);
    const read = async (name: string) => {
      if (failing.reads-- === 0) throw new Error('the disk is gone');
      return file.tensors.get(name)!.float32();
    };
    const tensors = Array.from(
      file.tensors,
      ([name, tensor]) => [name, { ...tensor, float32: () => read(name) }] as const,
    );
    return { ...file, tensors: new Map(tensors) };
  };
  return { ...weights, openSafetensors };
});

useBackend('cpu');
useLeakGuard();

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'checkpoint-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('restoreCheckpoint', () => {
  it.each([
    ['all weights', undefined],
    ['the decoder', ['decoder']],
  ])('goes on to the same bytes as a run of %s that never stopped', async (_, trained) => {
    using whole = tinyTrainer({ trained });
    await trainSteps(whole, 4);
    const saved = await saveCheckpoint(folder, whole, { run: { name: 'tiny' } });
    await trainSteps(whole, 3);
    using resumed = tinyTrainer({ trained });
    const record = await restoreCheckpoint(resumed, saved);
    expect(record).toMatchObject({ step: 4, adamSteps: { generator: 3, discriminator: 1 }, run: { name: 'tiny' } });
    await trainSteps(resumed, 3);
    const [first, second] = [join(folder, 'a'), join(folder, 'b')];
    const paths = [await saveCheckpoint(first, whole), await saveCheckpoint(second, resumed)];
    for (const name of ['state.safetensors', 'state.json']) {
      const [a, b] = await Promise.all(paths.map((path) => readFile(join(path, name))));
      expect(a!.equals(b!)).toBe(true);
    }
  });

  it('gives weights that do not learn back too', async () => {
    using trainer = tinyTrainer({ trained: ['decoder'] });
    const saved = await saveCheckpoint(folder, trainer);
    using other = tinyTrainer({ trained: ['decoder'] }, 2);
    await restoreCheckpoint(other, saved);
    const [a, b] = [trainer, other].map(({ state }) => state.weights.map((weight) => String(weight.dataSync())));
    expect(b).toEqual(a);
  });

  it('refuses a checkpoint of other training, and leaves the trainer as it was', async () => {
    using trainer = tinyTrainer();
    const saved = await saveCheckpoint(folder, trainer);
    using plain = tinyTrainer({ adversarial: undefined });
    await expect(restoreCheckpoint(plain, saved)).rejects.toThrow('adversarial is not set instead of {');
    await expect(restoreCheckpoint(plain, saved, { force: true })).rejects.toThrow(
      /this run keeps \d+ tensors, but the checkpoint has \d+/,
    );
    using wider = tinyTrainer({ adversarial: { discriminator: { dimensions: 3, channels: 3, layers: 1 }, start: 3 } });
    await expect(restoreCheckpoint(wider, saved, { force: true })).rejects.toThrow(
      'this run needs "discriminator.main.0.weight" [3,3,3,3,3], but the checkpoint has it as [2,3,3,3,3].',
    );
    expect(wider.state.step).toBe(0);
  });

  it('leaks nothing and leaves the trainer as it was when a tensor cannot be read', async () => {
    using trainer = tinyTrainer();
    await trainSteps(trainer, 1);
    const saved = await saveCheckpoint(folder, trainer);
    using other = tinyTrainer();
    failing.reads = 5;
    const before = memory().numTensors;
    await expect(restoreCheckpoint(other, saved))
      .rejects.toThrow('the disk is gone')
      .finally(() => (failing.reads = -1));
    expect(memory().numTensors).toBe(before);
    expect(other.state.step).toBe(0);
  });

  it('names every setting that differs, unless it is forced', async () => {
    using trainer = tinyTrainer();
    await trainSteps(trainer, 1);
    const saved = await saveCheckpoint(folder, trainer);
    using other = tinyTrainer({ seed: 9, klWeight: 0.5, learningRate: { rate: 0.1 }, averageDecay: 0.5 });
    await expect(restoreCheckpoint(other, saved)).rejects.toThrow(
      'but seed is 9 instead of 3; learningRate.rate is 0.1 instead of 0.001; klWeight is 0.5 instead of 0.000001; ' +
        'averageDecay is 0.5 instead of 0.9; use those settings, or set force',
    );
    expect(other.state.step).toBe(0);
    expect((await restoreCheckpoint(other, saved, { force: true })).differences).toHaveLength(4);
    expect(other.state.step).toBe(1);
    using longer = tinyTrainer({ steps: 99, checkpointing: true });
    expect((await restoreCheckpoint(longer, saved)).differences).toEqual([]);
  });

  it('refuses a model of the same tensors that computes something else', async () => {
    using trainer = tinyTrainer();
    const saved = await saveCheckpoint(folder, trainer);
    const config = parseConfig({ ...(tinyConfig.official as object), norm_num_groups: 4 });
    using other = tinyTrainer({ config });
    await expect(restoreCheckpoint(other, saved)).rejects.toThrow('model.norm_num_groups is 4 instead of 2');
  });

  it('compares the settings of the run, but for those that are free', async () => {
    using trainer = tinyTrainer();
    const saved = await saveCheckpoint(folder, trainer, {
      run: { batch: 2, steps: 5, data: { size: 8, folder: 'a' } },
    });
    const run = { batch: 3, steps: 9, data: { size: 16, folder: 'b' } };
    const free = ['steps', 'data.folder'];
    await expect(restoreCheckpoint(trainer, saved, { run, free })).rejects.toThrow(
      'but batch is 3 instead of 2; data.size is 16 instead of 8;',
    );
    await restoreCheckpoint(trainer, saved, { run: { ...run, batch: 2, data: { size: 8 } }, free });
  });

  it('restores a checkpoint of an older version, which has no record of settings', async () => {
    using trainer = tinyTrainer();
    const saved = await saveCheckpoint(folder, trainer);
    const path = join(saved, 'state.json');
    const { training: _training, ...older } = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
    await writeFile(path, JSON.stringify(older));
    using other = tinyTrainer({ seed: 9 });
    expect(await restoreCheckpoint(other, saved, { run: { batch: 1 } })).toMatchObject({ differences: [] });
  });

  it.each([
    ['{', 'must be JSON'],
    ['{"version":7}', 'must be of version 1, but is of 7'],
    [
      '{"version":1,"step":-1,"adamSteps":{"generator":0,"discriminator":0}}',
      'steps must be whole numbers, but are -1',
    ],
  ])('refuses the record %s', async (text, message) => {
    using trainer = tinyTrainer();
    await writeFile(join(folder, 'state.json'), text);
    await expect(restoreCheckpoint(trainer, folder)).rejects.toThrow(message);
  });
});

describe('saveCheckpoint', () => {
  it('keeps the newest and replaces one of the same step', async () => {
    using trainer = tinyTrainer();
    for (const step of [1, 2, 3, 12]) {
      trainer.state.step = step;
      await saveCheckpoint(folder, trainer, { keep: 2 });
    }
    await saveCheckpoint(folder, trainer, { keep: 2 });
    expect(await readdir(folder)).toEqual(['step-00000003', 'step-00000012']);
    expect((await listCheckpoints(folder)).map(({ step }) => step)).toEqual([3, 12]);
  });
});

describe('listCheckpoints', () => {
  it('finds none where there is no folder, nor what is unfinished', async () => {
    expect(await listCheckpoints(join(folder, 'nowhere'))).toEqual([]);
    await mkdir(temporaryPath(join(folder, 'step-00000001')));
    expect(await listCheckpoints(folder)).toEqual([]);
  });
});

describe('exportModel', () => {
  it('writes a folder that loads as an official model, averaged unless the raw weights are asked for', async () => {
    using trainer = tinyTrainer({ trained: ['decoder', 'encoder.down.*conv1.weight'] });
    await trainSteps(trainer, 2);
    for (const average of [true, false]) {
      await exportModel(folder, trainer, { average });
      await using checkpoint = await openCheckpoint(folder);
      expect(checkpoint.family).toBe('open-sora-plan');
      const params = await loadOdVaeParams(checkpoint, parseConfig(checkpoint.config));
      const expected = average ? trainer.state.averagedWeights() : trainer.state.weights;
      const loaded = paramTensors(params as ParamTree).map((weight) => String(weight.dataSync()));
      expect(loaded).toEqual(expected.map((weight) => String(weight.dataSync())));
      expect(expected.filter((weight, index) => weight !== trainer.state.weights[index]).length).toBe(
        average ? trainer.state.adam.weights.length : 0,
      );
      disposeParams(params as ParamTree);
    }
  });
});
