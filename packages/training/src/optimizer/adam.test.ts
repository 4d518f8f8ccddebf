import './host-kernels.ts';
import { goldenInput, largestDifference, scoped, useBackend, useLeakGuard } from '@od-vae/test-utils';
import { tensor, tensor1d, type Variable, variable } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

import { Adam } from './adam.ts';
import { adamStep, adamStepReference } from './adam-step.ts';
import { movingAverage, movingAverageReference } from './moving-average.ts';

useBackend('cpu');
useLeakGuard();

const FLOAT32 = 1e-6;

function weightOf(values: number[]): Variable {
  const first = tensor1d(values);
  const weight = variable(first);
  first.dispose();
  return weight;
}

describe('Adam', () => {
  it('follows the published formula for fifty steps', () => {
    const weight = weightOf([0.5, -1, 2]);
    using adam = new Adam([weight], { beta1: 0.8 });
    const [p, m, v] = [
      [0.5, -1, 2],
      [0, 0, 0],
      [0, 0, 0],
    ];
    for (let step = 1; step <= 50; step++) {
      const slopes = goldenInput(`gradient ${step}`, [3]);
      slopes.forEach((slope, i) => {
        m![i] = 0.8 * m![i]! + 0.2 * slope;
        v![i] = 0.999 * v![i]! + 0.001 * slope * slope;
        const mean = m![i]! / (1 - 0.8 ** step);
        p![i]! -= (0.01 * mean) / (Math.sqrt(v![i]! / (1 - 0.999 ** step)) + 1e-8);
      });
      const gradient = tensor1d(slopes);
      adam.apply([gradient], 0.01);
      gradient.dispose();
    }
    expect(adam.steps).toBe(50);
    expect(largestDifference(weight.dataSync(), p!)).toBeLessThan(50 * FLOAT32);
    weight.dispose();
  });

  it('moves by the learning rate in its first step, however small the gradient', () => {
    const weight = weightOf([1, 1]);
    const gradient = tensor1d([1e-3, -7]);
    using adam = new Adam([weight]);
    adam.apply([gradient], 0.1);
    expect(largestDifference(weight.dataSync(), [0.9, 1.1])).toBeLessThan(1e-5);
    gradient.dispose();
    weight.dispose();
  });
});

describe('adamStep', () => {
  it(
    'as a kernel agrees with stock ops',
    scoped(() => {
      const input = (key: string) => tensor(goldenInput(key, [24]), [2, 3, 1, 2, 2]);
      const square = tensor(goldenInput('square', [24]).map(Math.abs), [2, 3, 1, 2, 2]);
      const inputs = { param: input('p'), gradient: input('g'), mean: input('m'), square };
      const attributes = { rate: 0.1, beta1: 0.9, beta2: 0.99, epsilon: 1e-8, correction1: 0.2, correction2: 0.1 };
      const [kernel, reference] = [adamStep, adamStepReference].map((step) => step(inputs, attributes));
      for (const [index, expected] of reference!.entries()) {
        expect(kernel![index]!.shape).toEqual(expected.shape);
        expect(largestDifference(kernel![index]!.dataSync(), expected.dataSync())).toBeLessThan(FLOAT32);
      }
    }),
  );
});

describe('movingAverage', () => {
  it(
    'as a kernel agrees with stock ops',
    scoped(() => {
      const [old, fresh] = ['old', 'fresh'].map((key) => tensor(goldenInput(key, [6]), [2, 3]));
      const [kernel, reference] = [movingAverage, movingAverageReference].map((step) => step(old!, fresh!, 0.9));
      expect(kernel!.shape).toEqual([2, 3]);
      expect(largestDifference(kernel!.dataSync(), reference!.dataSync())).toBeLessThan(FLOAT32);
      expect(kernel!.dataSync()[0]).toBeCloseTo(0.9 * old!.dataSync()[0]! + 0.1 * fresh!.dataSync()[0]!, 6);
    }),
  );
});
