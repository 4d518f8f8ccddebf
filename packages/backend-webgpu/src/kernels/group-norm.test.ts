import '@od-vae/layers';
import { largestDifference, onBackend, useLeakGuard } from '@od-vae/test-utils';
import { engine, memory, type NamedAttrMap, reshape, tensor, type Tensor, tidy } from '@tensorflow/tfjs-core';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';

import { referenceOn, type Values } from '../../../backend-simd/fixtures/values.ts';
import {
  describeThreads,
  expectReference,
  noise,
  onSmallDevice,
  runOnWebgpu,
  webgpu,
  withoutSubgroups,
} from '../../fixtures/webgpu.ts';

/** Float32 sums of some thousand values, in another order than the reference's. */
const NORM = 1e-5;

function inputsOf(shape: number[]) {
  const channels = shape[4]!;
  return { x: noise('x', shape), scale: noise('scale', [channels]), bias: noise('bias', [channels]) };
}

describeThreads('GroupNorm and GroupNormSilu', () => {
  useLeakGuard();

  it('compute their references for any shape', async () => {
    const size = fc.integer({ min: 1, max: 7 });
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('GroupNorm', 'GroupNormSilu'),
        fc.tuple(fc.integer({ min: 1, max: 3 }), size, size, size),
        fc.constantFrom([1, 3], [2, 3], [4, 1], [4, 4], [32, 2], [3, 200], [2, 8]),
        async (kernel, [batch, ...image], [groups, each]) => {
          const inputs = inputsOf([batch, ...image, groups! * each!]);
          await expectReference(kernel, inputs, { groups, epsilon: 1e-6 }, 10 * NORM);
        },
      ),
      { numRuns: 20 },
    );
  });

  it.each([
    ['many pixels', [1, 5, 40, 30, 32], 32],
    ['more channels than threads', [1, 1, 3, 4, 1040], 4],
    ['several samples', [3, 2, 9, 9, 64], 32],
  ])('normalize %s', async (_, shape, groups) => {
    await expectReference('GroupNormSilu', inputsOf(shape), { groups, epsilon: 1e-6 }, NORM);
  });

  it('normalize many pixels where no subgroups are', async () => {
    await withoutSubgroups(() =>
      expectReference('GroupNorm', inputsOf([1, 5, 40, 30, 32]), { groups: 32, epsilon: 1e-6 }, NORM),
    );
  });

  it.each([
    ['of one clip', [1, 5, 20, 22, 8], [1, 5, 20, 22, 8], [3, 3, 3, 8, 96], 3],
    ['of one clip, in patches', [1, 3, 20, 22, 32], [1, 3, 20, 22, 32], [3, 3, 3, 32, 32], 2 + 4],
    ['of each frame alone, before a clip is made of them', [10, 1, 20, 22, 8], [2, 5, 20, 22, 8], [3, 1, 1, 8, 96], 3],
    ['before a small convolution', [1, 2, 5, 6, 8], [1, 2, 5, 6, 8], [1, 3, 3, 8, 24], 4],
  ])('%s are what the next convolution reads, and leave nothing behind', async (_, shape, clip, weight, dispatches) => {
    const { x, scale, bias } = inputsOf(shape);
    const added = noise('added', [weight[4]!]);
    const attrs = { groups: 2, epsilon: 1e-6 };
    const options = { strides: [1, 1, 1], border: 'around' };
    const kernel = noise('weight', weight);
    const expected = await onBackend('cpu', () => {
      const [normed] = referenceOn('GroupNormSilu', { x, scale, bias }, attrs);
      return referenceOn('CausalConv3D', { x: { ...normed!, shape: clip }, weight: kernel, bias: added }, options)[0]!;
    });
    const buffers = memory().numDataBuffers;
    const run = (name: string, inputs: Record<string, Tensor>, given: object) =>
      engine().runKernel(name, inputs, given as NamedAttrMap) as Tensor;
    const given = ({ values, shape: s }: Values) => tensor(values, s, 'float32');
    const before = webgpu().dispatches;
    const y = await onSmallDevice(2 ** 27, async () =>
      tidy(() => {
        const normed = run('GroupNormSilu', { x: given(x), scale: given(scale), bias: given(bias) }, attrs);
        return run('CausalConv3D', { x: reshape(normed, clip), weight: given(kernel), bias: given(added) }, options);
      }),
    );
    expect(webgpu().dispatches - before).toBe(dispatches);
    const largest = expected.values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    expect(largestDifference(await y.data(), expected.values) / largest).toBeLessThan(1e-5);
    y.dispose();
    expect(memory().numDataBuffers).toBe(buffers);
  });

  it('keep the digits of values that lie far from zero', async () => {
    const inputs = inputsOf([1, 2, 16, 16, 32]);
    const far = { shape: inputs.x.shape, values: inputs.x.values.map((value) => 1000 + value) };
    const attrs = { groups: 32, epsilon: 1e-6 };
    const [[near], [moved]] = [
      await runOnWebgpu('GroupNorm', inputs, attrs),
      await runOnWebgpu('GroupNorm', { ...inputs, x: far }, attrs),
    ];
    // Rounding 1000 + x to float32 moves x by up to 3e-5.
    moved!.values.forEach((value, index) => expect(Math.abs(value - near!.values[index]!)).toBeLessThan(3e-4));
  });
});
