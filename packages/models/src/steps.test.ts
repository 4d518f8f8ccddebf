import { noiseClip, scoped, useBackend, useLeakGuard } from '@od-vae/test-utils';
import { add, memory, mul, tensor1d, type Tensor5D } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

import { blockStep, drain, normStep, runSteps, type Step } from './steps.ts';

useBackend('cpu');
useLeakGuard();

const options = { groups: 1, spatialUpsample: 'trilinear' } as const;
const plus = (value: number, cost: number): Step => ({ cost, weights: [], run: (x) => add(mul(x, 1), value) });
const clip = () => noiseClip('x', [1, 1, 2, 2, 1]);
const failing: Step = {
  cost: 1,
  weights: [],
  run: () => {
    throw new Error('no memory');
  },
};

describe('runSteps', () => {
  it(
    'runs the steps in order and yields the part of the cost that is done',
    scoped(() => {
      const x = clip();
      const steps = runSteps([plus(1, 1), plus(2, 2), plus(3, 5)], x);
      const parts: number[] = [];
      let step = steps.next();
      for (; !step.done; step = steps.next()) parts.push(step.value);
      expect(parts).toEqual([1 / 8, 3 / 8, 1]);
      expect([...step.value.dataSync()]).toEqual([...add(add(add(x, 1), 2), 3).dataSync()]);
    }),
  );

  it('holds one clip between its steps and leaves the input to its owner', () => {
    const x = clip();
    const before = memory().numTensors;
    const steps = runSteps([plus(1, 1), plus(2, 1), plus(3, 1)], x);
    for (let held = 0; held < 3; held++) {
      steps.next();
      expect(memory().numTensors).toBe(before + 1);
    }
    const { value } = steps.next();
    expect(x.isDisposed).toBe(false);
    (value as Tensor5D).dispose();
    x.dispose();
  });

  it('lets steps free what lies between them, and not the input', () => {
    const x = clip();
    const owned: (boolean | undefined)[] = [];
    const freeing: Step = {
      ...plus(1, 1),
      run(input, ownsInput) {
        owned.push(ownsInput);
        const y = plus(1, 1).run(input);
        if (ownsInput) input.dispose();
        return y;
      },
    };
    const y = drain(runSteps([freeing, freeing, freeing], x));
    expect(owned).toEqual([false, true, true]);
    expect(x.isDisposed).toBe(false);
    y.dispose();
    x.dispose();
  });

  it.each([1, 2])('frees everything when it is ended after %i steps', (count) => {
    const x = clip();
    const before = memory().numTensors;
    const steps = runSteps([plus(1, 1), plus(2, 1), plus(3, 1)], x);
    for (let step = 0; step < count; step++) steps.next();
    steps.return(undefined as never);
    expect(memory().numTensors).toBe(before);
    expect(x.isDisposed).toBe(false);
    x.dispose();
  });

  it('frees everything when a step fails', () => {
    const x = clip();
    const before = memory().numTensors;
    expect(() => drain(runSteps([plus(1, 1), failing], x))).toThrow('no memory');
    expect(memory().numTensors).toBe(before);
    x.dispose();
  });

  it(
    'gives a tensor of its own even without a step',
    scoped(() => {
      const x = clip();
      expect(drain(runSteps([], x))).not.toBe(x);
    }),
  );
});

describe('blockStep', () => {
  it(
    'costs its weights times the pixels that it works on',
    scoped(() => {
      const params = { weight: noiseClip('w', [1, 1, 1, 2, 3]), part: [{ bias: tensor1d([1, 2]) }], none: undefined };
      const block = { spec: () => ({}), run: (_: unknown, x: Tensor5D) => mul(x, 2) as Tensor5D };
      expect(blockStep(block, params, 0, options).cost).toBe(8);
      expect(blockStep(block, params, 2, options).cost).toBe(8 / 16);
      const x = clip();
      expect(blockStep(block, params, 0, options).run(x).dataSync()).toEqual(mul(x, 2).dataSync());
    }),
  );
});

describe('normStep', () => {
  it(
    'normalizes and costs its scale and bias',
    scoped(() => {
      const step = normStep({ scale: tensor1d([1]), bias: tensor1d([0]) }, 1, options);
      expect(step.cost).toBe(2 / 4);
      expect(step.run(clip()).shape).toEqual([1, 1, 2, 2, 1]);
    }),
  );
});
