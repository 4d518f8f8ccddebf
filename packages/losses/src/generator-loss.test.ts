import '@tensorflow/tfjs-layers';
import { foldTime } from '@od-vae/core';
import { largestDifference, noiseClip, scoped, useBackend, useLeakGuard } from '@od-vae/test-utils';
import {
  add,
  grads,
  memory,
  mul,
  norm,
  type Scalar,
  square,
  sum,
  type Tensor,
  type Tensor5D,
} from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

import { zeroPaddedConv3d } from './discriminator/zero-padded-conv3d.ts';
import { type AdversarialTerm, generatorLoss } from './generator-loss.ts';
import { reconstructionLoss } from './reconstruction.ts';

useBackend('cpu');
useLeakGuard();

const FLOAT32 = 1e-4;

/** A toy: a last layer over given features, and a judge that likes dark pixels. */
function toy() {
  const features = noiseClip('features', [2, 2, 4, 4, 2]);
  const target = noiseClip('target', [2, 2, 4, 4, 3]);
  const kernel = noiseClip('kernel', [1, 3, 3, 2, 3]);
  const rebuild = (weight: Tensor) =>
    zeroPaddedConv3d({ weight: weight as Tensor5D }, features, { strides: [1, 1, 1], padding: [0, 1, 1] });
  const judge = (clip: Tensor5D): Tensor => square(add(foldTime(clip), 0.5));
  return { features, target, kernel, rebuild, judge };
}

const numbers = (tensor: Tensor) => tensor.dataSync<'float32'>();

describe('generatorLoss', () => {
  it(
    'has the value and gradients of reconstruction plus weighted adversarial loss, the weight taken from the last layer',
    scoped(() => {
      const { target, kernel, rebuild, judge } = toy();
      const nll = (weight: Tensor) => reconstructionLoss(foldTime(target), foldTime(rebuild(weight))).nll;
      const looks = (weight: Tensor) => mul(sum(judge(rebuild(weight))), -1 / 192) as Scalar;
      const [byNll, byLooks] = [nll, looks].map((loss) => grads((weight: Tensor) => loss(weight))([kernel])[0]!);
      const expected = (0.5 * numbers(norm(byNll!))[0]!) / (numbers(norm(byLooks!))[0]! + 1e-4);

      const adversarial: AdversarialTerm = { judge, active: true, weight: 0.5, lastWeight: kernel, rebuild };
      const terms = generatorLoss(target, rebuild(kernel), { adversarial });
      expect(numbers(terms.adaptiveWeight)[0]! / expected).toBeCloseTo(1, 5);
      const total = numbers(nll(kernel))[0]! + expected * numbers(looks(kernel))[0]!;
      expect(numbers(terms.loss)[0]! / total).toBeCloseTo(1, 5);

      const [actual] = grads((weight: Tensor) => generatorLoss(target, rebuild(weight), { adversarial }).loss)([
        kernel,
      ]);
      const wanted = numbers(add(byNll!, mul(byLooks!, expected)));
      expect(largestDifference(numbers(actual!), wanted)).toBeLessThan(FLOAT32 * Math.max(...wanted));
    }),
  );

  it(
    'is the reconstruction alone while the adversarial term sleeps, though the clip is shown to the judge',
    scoped(() => {
      const { target, kernel, rebuild, judge } = toy();
      let shown = 0;
      const asleep = {
        judge: (clip: Tensor5D) => {
          shown += 1;
          return judge(clip);
        },
        active: false,
        weight: 0.5,
        lastWeight: kernel,
        rebuild,
      };
      const terms = generatorLoss(target, rebuild(kernel), { adversarial: asleep });
      const plain = reconstructionLoss(foldTime(target), foldTime(rebuild(kernel)));
      expect(numbers(terms.loss)).toEqual(numbers(plain.nll));
      expect([numbers(terms.adversarial)[0], numbers(terms.adaptiveWeight)[0], shown]).toEqual([0, 0, 1]);
    }),
  );

  it('leaves nothing behind but its terms and the gradient', () => {
    const { features, target, kernel, rebuild, judge } = toy();
    const before = memory().numTensors;
    const adversarial: AdversarialTerm = { judge, active: true, weight: 0.5, lastWeight: kernel, rebuild };
    const [gradient] = grads((weight: Tensor) => generatorLoss(target, rebuild(weight), { adversarial }).loss)([
      kernel,
    ]);
    expect(memory().numTensors).toBe(before + 1);
    for (const one of [gradient!, features, target, kernel]) one.dispose();
  });
});

describe('reconstructionLoss', () => {
  it(
    'sums over a frame and averages over frames',
    scoped(() => {
      const [a, b] = ['a', 'b'].map((key) => foldTime(noiseClip(key, [1, 3, 2, 2, 3])));
      const [x, y] = [numbers(a!), numbers(b!)];
      const absolute = x.reduce((total, value, index) => total + Math.abs(value - y[index]!), 0);
      const squared = x.reduce((total, value, index) => total + (value - y[index]!) ** 2, 0);
      const { nll, mean } = reconstructionLoss(a!, b!);
      expect(numbers(nll)[0]).toBeCloseTo(absolute / 3, 4);
      expect(numbers(mean)[0]).toBeCloseTo(absolute / 36, 5);
      expect(numbers(reconstructionLoss(a!, b!, { pixelError: 'l2' }).nll)[0]).toBeCloseTo(squared / 3, 4);
      const tempered = numbers(reconstructionLoss(a!, b!, { logVariance: 1 }).nll)[0]!;
      expect(tempered).toBeCloseTo(absolute / 3 / Math.E + 12, 4);
    }),
  );

  it(
    'refuses frames of two shapes',
    scoped(() => {
      const [a, b] = [foldTime(noiseClip('a', [1, 1, 2, 2, 3])), foldTime(noiseClip('b', [1, 1, 2, 4, 3]))];
      expect(() => reconstructionLoss(a, b)).toThrow('both need one shape, but are [1,2,2,3] and [1,2,4,3].');
    }),
  );
});
