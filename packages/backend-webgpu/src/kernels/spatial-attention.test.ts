import '@od-vae/layers';
import { useLeakGuard } from '@od-vae/test-utils';
import { expect, it } from 'vitest';

import { describeWebgpu, expectReference, noise, runOnWebgpu } from '../../fixtures/webgpu.ts';

/** Sums of as many products as there are channels, then of as many as there are tokens. */
const ATTENTION = 2e-5;

function inputsOf(shape: number[], larger = 1) {
  const query = noise('query', shape);
  return {
    query: { shape, values: query.values.map((value) => value * larger) },
    key: noise('key', shape),
    value: noise('value', shape),
  };
}

describeWebgpu('SpatialAttention', () => {
  useLeakGuard();

  it.each([
    ['one token', [2, 1, 4]],
    ['fewer tokens than a block', [3, 17, 32]],
    ['a few blocks, the last not full', [2, 77, 64]],
    ['channels that fill no vector', [1, 40, 6]],
    ['channels for several slots of a thread', [1, 33, 160]],
    ['more channels than a layer has', [1, 5, 520]],
  ])('computes its reference for %s', async (_, shape) => {
    await expectReference('SpatialAttention', inputsOf(shape), {}, ATTENTION);
  });

  it('bears scores whose exponentials are no numbers', async () => {
    await expectReference('SpatialAttention', inputsOf([1, 70, 32], 300), {}, 10 * ATTENTION);
  });

  it('gives the mean of the values where all scores are alike', async () => {
    const inputs = inputsOf([1, 50, 8], 0);
    const [y] = await runOnWebgpu('SpatialAttention', inputs, {});
    const mean = (channel: number) =>
      inputs.value.values.filter((_, index) => index % 8 === channel).reduce((sum, value) => sum + value, 0) / 50;
    y!.values.forEach((value, index) => expect(value).toBeCloseTo(mean(index % 8), 5));
  });
});
