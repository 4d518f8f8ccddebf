import '../fixtures/llvmpipe/take-llvmpipe.ts';
import '@od-vae/layers';
import { largestDifference, useLeakGuard } from '@od-vae/test-utils';
import {
  add,
  engine,
  eye,
  memory,
  type NamedAttrMap,
  type NamedTensorMap,
  reshape,
  type Tensor,
  tensor,
  tidy,
  zeros,
} from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';

import { expectGradients } from '../fixtures/autoencoder.ts';
import { describeHalfStorage, expectReference, noise, webgpu } from '../fixtures/webgpu.ts';
import type { Storage } from './storage.ts';

/** Values and results are rounded to 11 bits, in each of the ops that follow one another. */
const HALF = 2 ** -11;

const WEIGHTS = { weight: noise('w', [3, 3, 3, 16, 16]), bias: noise('b', [16]) };
const NORM = { scale: noise('s', [16]), bias: noise('c', [16]) };
const AROUND = { strides: [1, 1, 1], border: 'around' };
const GROUPS = { groups: 4, epsilon: 1e-6 };

/** A clip as our kernels give it: by a convolution that changes nothing. */
function asStored(clip: Tensor): Tensor {
  const channels = clip.shape.at(-1)!;
  return tidy(() => {
    const x = reshape(clip, [1, 1, 1, clip.size / channels, channels]);
    const weight = reshape(eye(channels), [1, 1, 1, channels, channels]);
    const y = engine().runKernel('CausalConv3D', { x, weight, bias: zeros([channels]) }, AROUND as never) as Tensor;
    return reshape(y, clip.shape);
  });
}

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

  it.each([
    ['SpatialAttention', ['query', 'key', 'value'], [2, 40, 16], {}, true],
    ['SpatialAttentionGrad', ['query', 'key', 'value'], [2, 40, 16], {}, false],
    ['GroupNormSiluGrad', ['x'], [1, 3, 6, 7, 16], GROUPS, false],
    ['CausalConv3DBackpropFilter', ['x'], [1, 3, 6, 7, 16], AROUND, false],
    ['CausalConv3DBackpropInput', ['x'], [1, 3, 6, 7, 16], AROUND, false],
    ['UpsampleCausalConv3DBackpropFilter', ['x'], [1, 3, 3, 4, 16], { time: true, mode: 'nearest' }, false],
  ])(
    'are what %s reads; its results are of 16 bits unless they are gradients',
    async (kernel, names, shape, attrs, half) => {
      const clips = Object.fromEntries(names.map((name) => [name, noise(name, shape)]));
      const dy = noise('dy', kernel.startsWith('Upsample') ? [1, 5, 6, 8, 16] : shape);
      const rest = { dy, ...(kernel.includes('Conv') ? WEIGHTS : NORM) };
      const attempt = async (storage: Storage) => {
        webgpu().storage = storage;
        const given = Object.fromEntries(
          Object.entries({ ...clips, ...rest }).map(([name, values]) => [name, tensor(values.values, values.shape)]),
        );
        const read = Object.fromEntries(names.map((name) => [name, asStored(given[name]!)]));
        const before = webgpu().dispatches;
        const results = [engine().runKernel(kernel, { ...given, ...read }, attrs as NamedAttrMap)].flat() as Tensor[];
        const { dispatches } = webgpu();
        expect(names.map((name) => webgpu().stored(read[name]!).half)).toEqual(names.map(() => storage === 'f16'));
        expect(results.map((one) => webgpu().stored(one).half)).toEqual(results.map(() => half && storage === 'f16'));
        const values: Float32Array[] = [];
        for (const one of results) values.push((await one.data()) as Float32Array);
        for (const one of [...results, ...Object.values(given), ...Object.values(read)]) one.dispose();
        webgpu().storage = 'f16';
        return { values, dispatches: dispatches - before };
      };
      const [exact, halves] = [await attempt('f32'), await attempt('f16')];
      // Nothing is widened first.
      expect(halves.dispatches).toBe(exact.dispatches);
      exact.values.forEach((right, index) => {
        const largest = right.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
        expect(largestDifference(halves.values[index]!, right) / largest, `result ${index}`).toBeLessThan(8 * HALF);
      });
    },
  );

  it('hold the largest number that they can for what is larger', async () => {
    const large = tensor([1e6, -1e6, 60000, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 16]);
    const clip = asStored(large);
    const twice = add(clip, clip);
    expect([...(await twice.data())].slice(0, 4)).toEqual([65504, -65504, 65504, 2]);
    for (const one of [large, clip, twice]) one.dispose();
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
    webgpu().endComputePassEncoder();
    webgpu().submitQueue();
    expect(bytes() - before).toBeLessThan(0.1 * y.size);
    for (const one of [x, weight, bias]) one.dispose();
  });
});

describeHalfStorage('the gradients of an autoencoder whose clips have 16 bits', () => {
  useLeakGuard();

  it('are those of the stock ops for every weight, but for what clips are rounded by', () => expectGradients(1e-2));
});
