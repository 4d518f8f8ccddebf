import '@od-vae/layers';
import { useLeakGuard } from '@od-vae/test-utils';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';

import { describeWebgpu, expectReference, noise, runOnWebgpu } from '../../fixtures/webgpu.ts';

/** Float32 sums of some thousand values, in another order than the reference's. */
const NORM = 1e-5;

function inputsOf(shape: number[]) {
  const channels = shape[4]!;
  return { x: noise('x', shape), scale: noise('scale', [channels]), bias: noise('bias', [channels]) };
}

describeWebgpu('GroupNorm and GroupNormSilu', () => {
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
