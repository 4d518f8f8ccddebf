import '@od-vae/layers';
import { BackendError } from '@od-vae/core';
import { useLeakGuard } from '@od-vae/test-utils';
import { engine, memory, type NamedAttrMap, type NamedTensorMap, type Tensor, tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

import { describeHalfStorage, expectReference, noise, webgpu } from '../fixtures/webgpu.ts';
import { checkStorage, isStoredInHalf } from './storage.ts';

/** Values and results are rounded to 11 bits, in each of the ops that follow one another. */
const HALF = 2 ** -11;

const WEIGHTS = { weight: noise('w', [3, 3, 3, 16, 16]), bias: noise('b', [16]) };
const NORM = { scale: noise('s', [16]), bias: noise('c', [16]) };
const AROUND = { strides: [1, 1, 1], border: 'around' };
const GROUPS = { groups: 4, epsilon: 1e-6 };

describe('storage', () => {
  const device = (...features: string[]) => ({ features: new Set(features) }) as never;

  it('is what is asked for', () => {
    expect(checkStorage('f32', device())).toBe('f32');
    expect(checkStorage('f16', device('shader-f16'))).toBe('f16');
  });

  it('refuses what the device cannot do, and what there is not', () => {
    expect(() => checkStorage('f16', device())).toThrow(BackendError);
    expect(() => checkStorage('f16', device())).toThrow('needs a GPU with the feature shader-f16');
    expect(() => checkStorage('f8', device('shader-f16'))).toThrow('storage must be f32 or f16, but is "f8"');
  });

  it('leaves pixels, latents and odd channels in 32 bits', () => {
    expect([3, 4, 8, 16, 18, 512].filter((channels) => isStoredInHalf([1, 1, 2, 2, channels]))).toEqual([16, 512]);
  });
});

describeHalfStorage('clips of 16 bits', () => {
  useLeakGuard();

  it.each([
    ['plainly', 'CausalConv3D', [1, 3, 6, 5, 16], AROUND],
    ['with steps', 'CausalConv3D', [1, 3, 6, 6, 16], { strides: [2, 2, 2], border: 'after' }],
    ['enlarged', 'UpsampleCausalConv3D', [1, 2, 3, 4, 16], { time: true, mode: 'trilinear' }],
  ])('come from convolutions, %s', async (_, kernel, shape, attrs) => {
    await expectReference(kernel, { x: noise('x', shape), ...WEIGHTS }, attrs, 2 * HALF);
  });

  it('come from transformed convolutions', async () => {
    const inputs = { x: noise('x', [1, 2, 33, 31, 32]), weight: noise('w', [3, 3, 3, 32, 32]), bias: noise('b', [32]) };
    const before = webgpu().dispatches;
    await expectReference('CausalConv3D', inputs, AROUND, 2 * HALF);
    // Weights, input, products, result; and its 32 bits.
    expect(webgpu().dispatches - before).toBe(5);
  });

  it('go from kernel to kernel as they are, and are widened when somebody reads them', async () => {
    const tensors = Object.fromEntries(
      Object.entries({ x: noise('x', [1, 3, 8, 8, 16]), ...WEIGHTS, scale: NORM.scale, shift: NORM.bias }).map(
        ([name, { shape, values }]) => [name, tensor(values, shape, 'float32')],
      ),
    ) as Record<'x' | 'weight' | 'bias' | 'scale' | 'shift', Tensor>;
    const { weight, bias, scale, shift } = tensors;
    const run = (name: string, inputs: NamedTensorMap, attrs: object) =>
      engine().runKernel(name, inputs, attrs as NamedAttrMap) as Tensor;
    const block = (x: Tensor) => {
      const first = run('CausalConv3D', { x, weight, bias }, AROUND);
      const norm = run('GroupNormSilu', { x: first, scale, bias: shift }, GROUPS);
      const second = run('CausalConv3D', { x: norm, weight, bias }, AROUND);
      const sum = run('Add', { a: first, b: second }, {});
      return { sum, parts: [first, norm, second] };
    };
    const before = webgpu().dispatches;
    const { sum, parts } = block(tensors.x);
    expect([...parts, sum].map((one) => webgpu().stored(one).half)).toEqual([true, false, true, true]);
    const sent = webgpu().dispatches - before;
    const values = await sum.data();
    // Only the sum is widened.
    expect(webgpu().dispatches - before).toBe(sent + 1);
    expect(webgpu().stored(sum).half).toBe(false);

    webgpu().storage = 'f32';
    const exact = block(tensors.x);
    const expected = await exact.sum.data();
    webgpu().storage = 'f16';
    const largest = Math.max(...expected.map(Math.abs));
    const furthest = Math.max(...values.map((value, index) => Math.abs(value - expected[index]!)));
    expect(furthest / largest).toBeLessThan(4 * HALF);
    expect(furthest).toBeGreaterThan(0);
    for (const one of [...parts, sum, ...exact.parts, exact.sum, ...Object.values(tensors)]) one.dispose();
  });

  it('take half the memory, and leave nothing behind', async () => {
    const [x, weight, bias] = [noise('x', [1, 2, 16, 16, 16]), WEIGHTS.weight, WEIGHTS.bias].map(({ shape, values }) =>
      tensor(values, shape, 'float32'),
    ) as [Tensor, Tensor, Tensor];
    const run = () => engine().runKernel('CausalConv3D', { x, weight, bias }, AROUND as never) as Tensor;
    run().dispose();
    const { dispatches } = webgpu();
    const bytes = () => (memory() as unknown as { numBytesInGPU: number }).numBytesInGPU;
    const before = bytes();
    const y = run();
    expect(webgpu().dispatches).toBe(dispatches + 1);
    // And the sizes of the dispatch, some bytes.
    expect(bytes() - before).toBeGreaterThanOrEqual(2 * y.size);
    expect(bytes() - before).toBeLessThan(2.1 * y.size);
    y.dispose();
    // What is recorded is freed when it was sent.
    webgpu().submitQueue();
    expect(bytes() - before).toBeLessThan(0.1 * y.size);
    for (const one of [x, weight, bias]) one.dispose();
  });
});
