import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { useBackend, useLeakGuard } from '@od-vae/test-utils';
import { tensor5d } from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { TINY_SHAPE, tinyClip, tinyTrainer } from '../fixtures/tiny-run.ts';
import { listCheckpoints } from './checkpoint/checkpoint-folder.ts';
import { restoreCheckpoint } from './checkpoint/restore-checkpoint.ts';
import { runTraining } from './run-training.ts';

useBackend('cpu');
useLeakGuard();

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'run-'));
});
afterEach(() => rm(folder, { recursive: true }));

const clips = async (step: number) => [tinyClip(step)];

describe('runTraining', () => {
  it('logs every step, saves now and then, and ends with the same bytes after stops as without', async () => {
    const [straight, stopped] = [join(folder, 'straight'), join(folder, 'stopped')];
    using whole = tinyTrainer();
    const last = await runTraining(whole, { folder: straight, clips, saveEvery: 3, imagesEvery: 4 });
    expect((await listCheckpoints(straight)).map(({ step }) => step)).toEqual([3, 6, 8]);
    for (const stopAt of [3, 5, undefined]) {
      using trainer = tinyTrainer();
      const before = (await listCheckpoints(stopped)).at(-1);
      if (before) await restoreCheckpoint(trainer, before.path);
      const stop = new AbortController();
      await runTraining(trainer, {
        folder: stopped,
        clips,
        signal: stop.signal,
        onStep: ({ step }) => step === stopAt && stop.abort(),
      });
    }
    const state = (run: string) => readFile(join(run, 'step-00000008', 'state.safetensors'));
    expect(last).toBe(join(straight, 'step-00000008'));
    expect((await state(straight)).equals(await state(stopped))).toBe(true);
    const lines = (await readFile(join(stopped, 'log.jsonl'), 'utf8')).trim().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { step: number }).step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    const events = (await readdir(straight)).filter((name) => name.startsWith('events.out.tfevents.'));
    expect(events).toHaveLength(1);
    expect((await readFile(join(straight, events[0]!))).includes('reconstruction')).toBe(true);
  });

  it('forgets the lines of steps that it does again', async () => {
    using first = tinyTrainer({ steps: 4 });
    await runTraining(first, { folder, clips });
    using again = tinyTrainer({ steps: 2 });
    await runTraining(again, { folder, clips });
    const lines = (await readFile(join(folder, 'log.jsonl'), 'utf8')).trim().split('\n');
    expect(lines).toHaveLength(2);
  });

  it('saves the last good state when a step gives no numbers', async () => {
    using trainer = tinyTrainer();
    const broken = async (step: number) =>
      step < 3 ? clips(step) : [tensor5d(new Float32Array(576).fill(Number.NaN), TINY_SHAPE)];
    await expect(runTraining(trainer, { folder, clips: broken })).rejects.toThrow(
      /^Step 3 .*The state before it is in .*step-00000002\.$/,
    );
    expect((await listCheckpoints(folder)).map(({ step }) => step)).toEqual([2]);
  });
});
