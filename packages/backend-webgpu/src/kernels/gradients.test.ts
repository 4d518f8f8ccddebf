import '@od-vae/layers';
import '@tensorflow/tfjs-layers';
import { largestDifference, onBackend, useLeakGuard } from '@od-vae/test-utils';
import { engine, type Tensor, tensor, tidy } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';

import { referenceOn, type Values } from '../../../backend-simd/fixtures/values.ts';
import {
  describeThreads,
  describeWebgpu,
  expectReference,
  noise,
  webgpu,
  withoutSubgroups,
} from '../../fixtures/webgpu.ts';

/** Sums of up to some thousand products in another order than the reference's, relative to the largest. */
const GRADIENT = 1e-5;

describeWebgpu('the gradient of a kernel behind a norm', () => {
  useLeakGuard();

  it('reads what the norm comes from, which is never computed', async () => {
    const attrs = { groups: 4, epsilon: 1e-6 };
    const clip = [1, 3, 6, 5, 8];
    const norm = { x: noise('x', clip), scale: noise('s', [8]), bias: noise('b', [8]) };
    const rest = { weight: noise('w', [3, 3, 3, 8, 8]), bias: noise('c', [8]), dy: noise('dy', clip) };
    const steps = { strides: [1, 1, 1], border: 'around' };
    const expected = await onBackend('cpu', () => {
      const [x] = referenceOn('GroupNormSilu', norm, attrs);
      return referenceOn('CausalConv3DBackpropFilter', { x: x!, ...rest }, steps)[0]!;
    });
    const given = (values: Record<string, Values>) =>
      Object.fromEntries(Object.entries(values).map(([name, one]) => [name, tensor(one.values, one.shape)]));
    const before = webgpu().dispatches;
    const [sent, dw] = tidy(() => {
      const x = engine().runKernel('GroupNormSilu', given(norm), attrs) as Tensor;
      const y = engine().runKernel('CausalConv3DBackpropFilter', { x, ...given(rest) }, steps) as Tensor;
      expect(webgpu().deferredScale(x)).toBeDefined();
      return [webgpu().dispatches - before, y] as const;
    });
    // Sums, scales, gradient.
    expect(sent).toBe(3);
    const largest = Math.max(...expected.values.map(Math.abs));
    expect(largestDifference(await dw.data(), expected.values) / largest).toBeLessThan(GRADIENT);
    dw.dispose();
  });
});

describeThreads('the gradients of GroupNorm and GroupNormSilu', () => {
  useLeakGuard();

  it.each([
    ['GroupNormGrad', [2, 3, 5, 4, 32], 8],
    ['GroupNormSiluGrad', [2, 3, 5, 4, 32], 32],
    ['GroupNormSiluGrad', [1, 2, 30, 20, 16], 4],
    ['GroupNormSiluGrad', [1, 1, 4, 3, 6], 2],
  ])('are those of the reference: %s of [%s] in %i groups', async (kernel, x, groups) => {
    const channels = x[4]!;
    const inputs = {
      x: noise('x', x),
      scale: noise('s', [channels]),
      bias: noise('b', [channels]),
      dy: noise('dy', x),
    };
    const check = () => expectReference(kernel, inputs, { groups, epsilon: 1e-6 }, 2 * GRADIENT);
    await check();
    await withoutSubgroups(check);
  });
});

describeWebgpu('the gradient of SpatialAttention', () => {
  useLeakGuard();

  it.each([
    ['channels for several slots of a thread', [1, 33, 160]],
    ['more channels than a layer has', [1, 5, 520]],
  ])('is that of the reference for %s', async (_, shape) => {
    const inputs = Object.fromEntries(['query', 'key', 'value', 'dy'].map((name) => [name, noise(name, shape)]));
    await expectReference('SpatialAttentionGrad', inputs, {}, GRADIENT);
  });

  it('bears scores whose exponentials are no numbers', async () => {
    const shape = [1, 70, 32];
    const query = noise('query', shape);
    const rest = Object.fromEntries(['key', 'value', 'dy'].map((name) => [name, noise(name, shape)]));
    const inputs = { query: { shape, values: query.values.map((value) => value * 300) }, ...rest };
    await expectReference('SpatialAttentionGrad', inputs, {}, 10 * GRADIENT);
  });
});
