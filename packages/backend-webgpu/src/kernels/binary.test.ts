import { onBackend, useLeakGuard } from '@od-vae/test-utils';
import { abs, add, cast, engine, type NamedTensorMap, tensor, tidy } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';

import { describeWebgpu, noise } from '../../fixtures/webgpu.ts';
import { BINARY_KERNELS } from './binary.ts';

const SHAPE = [1, 2, 3, 2, 5];

/** What a kernel makes of a clip and of a vector of its channels, and of both the other way round. */
async function ofClipAndVector(kernel: string): Promise<number[][]> {
  const results = tidy(() => {
    const isLogical = kernel.startsWith('Logical');
    const positive = (key: string, shape: number[]) => {
      const values = add(abs(tensor(noise(key, shape).values, shape)), 0.1);
      return isLogical ? cast(values, 'bool') : values;
    };
    const [clip, vector] = [positive('clip', SHAPE), positive('vector', [5])];
    const run = (inputs: NamedTensorMap) => cast(engine().runKernel(kernel, inputs) as typeof clip, 'float32');
    if (kernel === 'Prelu') return [run({ x: clip, alpha: vector })];
    return [run({ a: clip, b: vector }), run({ a: vector, b: clip })];
  });
  const values: number[][] = [];
  for (const one of results) {
    expect(one.shape).toEqual(SHAPE);
    values.push([...(await one.data())].map((value) => Number(value.toFixed(4))));
    one.dispose();
  }
  return values;
}

describeWebgpu('kernels of two tensors', () => {
  useLeakGuard();

  it.each(BINARY_KERNELS)('take a clip beside a vector: %s', async (kernel) => {
    const expected = await onBackend('cpu', () => ofClipAndVector(kernel));
    expect(await ofClipAndVector(kernel)).toEqual(expected);
  });
});
