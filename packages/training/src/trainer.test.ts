import { paramTensors, type ParamTree } from '@od-vae/core';
import { odVaeSpec, storedParams } from '@od-vae/models';
import { largestDifference, noiseClip, useBackend, useLeakGuard } from '@od-vae/test-utils';
import { concat, memory, tensor5d, type Tensor5D } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

import { TINY_SHAPE, tinyClip, tinyConfig, tinyOptions, tinyTrainer, trainSteps } from '../fixtures/tiny-run.ts';
import type { Trainer } from './trainer.ts';
import { TrainingError } from './training-error.ts';

useBackend('cpu');
useLeakGuard();

const values = ({ state }: Trainer): Float32Array[] =>
  state.adam.weights.map((weight) => Float32Array.from(weight.dataSync()));
const judgeValues = ({ state }: Trainer): Float32Array[] =>
  paramTensors(state.discriminator!.params as ParamTree).map((weight) => Float32Array.from(weight.dataSync()));

describe('Trainer', () => {
  it('learns a clip by heart', async () => {
    using trainer = tinyTrainer({ adversarial: undefined, learningRate: { rate: 5e-3 } });
    const clip = noiseClip('still', [1, 1, 8, 8, 3]);
    const losses: number[] = [];
    for (let step = 0; step < 15; step++) losses.push((await trainer.train([clip])).terms['loss']!);
    expect(losses.at(-1)).toBeLessThan(0.9 * losses[0]!);
    clip.dispose();
  });

  it('moves one network a step, by the schedule, and averages the generator alone', async () => {
    using trainer = tinyTrainer();
    const kinds: string[] = [];
    for (let step = 1; step <= 5; step++) {
      const before = { generator: values(trainer), judge: judgeValues(trainer) };
      const average = trainer.state.average!.map((one) => Float32Array.from(one.dataSync()));
      const clip = tinyClip(step);
      const report = await trainer.train([clip]);
      clip.dispose();
      kinds.push(report.kind);
      const moved = report.kind === 'generator';
      expect(String(values(trainer)) === String(before.generator)).toBe(!moved);
      expect(String(judgeValues(trainer)) === String(before.judge)).toBe(moved);
      const wanted = average.map((old, index) =>
        old.map((value, i) => (moved ? 0.9 * value + 0.1 * values(trainer)[index]![i]! : value)),
      );
      trainer.state.average!.forEach((one, index) =>
        expect(largestDifference(one.dataSync(), wanted[index]!)).toBeLessThan(1e-6),
      );
      expect(report.psnr === undefined).toBe(!moved);
      expect(report.terms['adaptiveWeight'] ?? 1).toBe(step < 3 ? 0 : (report.terms['adaptiveWeight'] ?? 1));
    }
    expect(kinds.join()).toBe('generator,generator,discriminator,generator,discriminator');
  });

  it('makes of two clips what it makes of them as one batch', async () => {
    const options = { adversarial: undefined, noise: (_: number, __: number, shape: Tensor5D['shape']) => half(shape) };
    const half = (shape: Tensor5D['shape']) =>
      tensor5d(new Float32Array(shape.reduce((a, b) => a * b)).fill(0.5), shape);
    using apart = tinyTrainer(options);
    using together = tinyTrainer(options);
    const clips = [tinyClip(1), tinyClip(2)];
    const batch = concat(clips, 0);
    const [first, second] = [await apart.train(clips), await together.train([batch])];
    expect(first.gradientNorm / second.gradientNorm).toBeCloseTo(1, 4);
    expect(first.terms['loss']! / second.terms['loss']!).toBeCloseTo(1, 5);
    for (const clip of [...clips, batch]) clip.dispose();
  });

  it('shortens a gradient that is too long, and computes the same with checkpointing', async () => {
    const seen: number[][] = [];
    for (const changes of [{}, { clipNorm: 1e-3 }, { checkpointing: true }]) {
      // With one step, Adam's second mean is the squared gradient: it tells how long the gradient was.
      using trainer = tinyTrainer({ ...changes, adversarial: undefined });
      await trainSteps(trainer, 1);
      const energy = trainer.state.adam.state().flatMap(({ square }) => [...square.dataSync()]);
      seen.push([Math.sqrt(energy.reduce((sum, value) => sum + value, 0) / 0.001), ...values(trainer)[0]!]);
    }
    expect(seen[0]![0]).toBeGreaterThan(1);
    expect(seen[1]![0]).toBeCloseTo(1e-3, 5);
    expect(seen[2]).toEqual(seen[0]);
  });

  it('trains the named weights alone, as it would among all, and leaves latents as they were', async () => {
    const options = { adversarial: undefined, klWeight: 0 };
    using whole = tinyTrainer(options);
    using part = tinyTrainer({ ...options, trained: ['decoder.up', 'decoder.*norm2'] });
    const first = part.state.weights.map((weight) => String(weight.dataSync()));
    await trainSteps(whole, 1);
    await trainSteps(part, 1);
    for (const [index, { name }] of storedParams(odVaeSpec(tinyConfig)).entries()) {
      const [now, among] = [part, whole].map(({ state }) => String(state.weights[index]!.dataSync()));
      const learns = name.startsWith('decoder.up.') || /^decoder\..*norm2\./.test(name);
      expect(now, name).toBe(learns ? among : first[index]);
    }
    expect(part.state.encoderLearns).toBe(false);
    expect(whole.state.encoderLearns).toBe(true);
    expect(part.state.average!.length).toBe(part.state.adam.weights.length);
  });

  it('repeats itself bit by bit, and not with another seed', async () => {
    const run = async (seed: number) => {
      using trainer = tinyTrainer({ seed });
      await trainSteps(trainer, 4);
      return String(values(trainer));
    };
    const first = await run(1);
    expect(await run(1)).toBe(first);
    expect(await run(2)).not.toBe(first);
  });

  it('refuses a step without finite numbers and stays where it was', async () => {
    using trainer = tinyTrainer();
    await trainSteps(trainer, 1);
    const before = [String(values(trainer)), trainer.state.adam.steps, trainer.state.step];
    const broken = tensor5d(new Float32Array(576).fill(Number.NaN), TINY_SHAPE);
    await expect(trainer.train([broken])).rejects.toThrow(TrainingError);
    await expect(trainer.train([broken])).rejects.toThrow(
      /^Step 2 \(generator\) must have finite numbers, but its loss is NaN/,
    );
    expect([String(values(trainer)), trainer.state.adam.steps, trainer.state.step]).toEqual(before);
    broken.dispose();
  });

  it('holds as many tensors after each step as before', async () => {
    using trainer = tinyTrainer();
    await trainSteps(trainer, 2);
    const before = memory();
    await trainSteps(trainer, 4);
    expect(memory().numTensors).toBe(before.numTensors);
    expect(memory().numBytes).toBe(before.numBytes);
    expect(trainer.options).toEqual(tinyOptions);
  });
});
