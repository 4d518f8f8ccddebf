import '@tensorflow/tfjs-layers';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { ConfigError } from '@od-vae/core';
import { causalConv3d, causalConv3dSpec } from '@od-vae/layers';
import { disposeParams, initParams } from '@od-vae/core';
import { largestDifference, noiseClip, onBackend, useLeakGuard } from '@od-vae/test-utils';
import {
  backend,
  grad,
  memory,
  ready,
  reshape,
  setBackend,
  slice,
  square,
  tensor1d,
  tidy,
  type Tensor,
  type Tensor5D,
} from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { SimdBackend } from './index.ts';

beforeAll(async () => {
  await setBackend('simd');
  await ready();
});
afterAll(() => (backend() as SimdBackend).pool.close());
useLeakGuard();

describe('the backend simd', () => {
  it('runs ops that it does not replace, and prints nothing', () => {
    const spies = (['log', 'warn', 'error'] as const).map((name) => vi.spyOn(console, name));
    const x = tensor1d([1, 2]);
    expect(x.dataSync()).toEqual(Float32Array.of(1, 2));
    x.dispose();
    for (const spy of spies) {
      expect(spy).not.toHaveBeenCalled();
      spy.mockRestore();
    }
  });

  it('has the gradients of the reference', async () => {
    const gradient = () => {
      const params = initParams(causalConv3dSpec(2, 3));
      const values = tidy(() => {
        const weight = noiseClip('w', [3, 3, 3, 2, 3]);
        const run = (x: Tensor) => causalConv3d({ ...params, weight }, x as Tensor5D);
        return Float32Array.from(grad(run)(noiseClip('x', [1, 3, 5, 4, 2])).dataSync()) as never;
      }) as Float32Array;
      disposeParams(params);
      return values;
    };
    expect(largestDifference(gradient(), await onBackend('cpu', gradient))).toBeLessThan(1e-5);
  });

  it('gives back the memory of packed weights when their kernel is packed for another shape', () => {
    const simd = backend() as SimdBackend;
    const held: number[] = [];
    tidy(() => {
      const kernel = noiseClip('w', [1, 3, 3, 16, 16]);
      const pack = (x: Tensor) => {
        for (const shape of [kernel.shape, [3, 3, 1, 16, 16], kernel.shape]) {
          simd.packedWeights({ dataId: kernel.dataId, dtype: kernel.dtype, shape });
          held.push(simd.arena.used);
        }
        return square(x);
      };
      grad(pack)(tensor1d([1]));
    });
    expect(held).toEqual(Array(3).fill(held[0]));
  });

  it('holds no more after many rounds than after few', () => {
    const params = initParams(causalConv3dSpec(4, 4));
    const x = noiseClip('x', [1, 3, 16, 16, 4]);
    const round = () => causalConv3d(params, x).dispose();
    round();
    const { pool } = backend() as SimdBackend;
    const before = { ...memory(), scratch: pool.scratchBytes };
    for (let i = 0; i < 50; i++) round();
    expect(memory().numDataBuffers).toBe(before.numDataBuffers);
    expect(pool.scratchBytes).toBe(before.scratch);
    disposeParams(params);
    x.dispose();
  });

  it('uses the memory of freed tensors again, and never under the eyes of anyone', () => {
    const params = initParams(causalConv3dSpec(4, 4));
    const [x, other] = [noiseClip('x', [1, 3, 12, 10, 4]), noiseClip('other', [1, 3, 12, 10, 4])];
    const { arena } = backend() as SimdBackend;
    causalConv3d(params, x).dispose();
    const before = arena.used;

    const read = causalConv3d(params, x);
    expect(arena.used).toBeGreaterThan(before);
    const values = read.dataSync();
    expect(arena.used).toBe(before);
    expect(values.buffer).toBeInstanceOf(ArrayBuffer);
    const copy = values.slice();
    read.dispose();
    const sliced = causalConv3d(params, x);
    const view = slice(sliced, [0, 1, 0, 0, 0], [1, 1, 12, 10, 4]);
    sliced.dispose();
    const reshaped = causalConv3d(params, x);
    const flat = reshape(reshaped, [-1]);
    reshaped.dispose();
    const { most } = arena;
    for (let i = 0; i < 3; i++) causalConv3d(params, other).dispose();
    expect(arena.most).toBeLessThanOrEqual(most + 4 * other.size + 64);

    expect(values).toEqual(copy);
    expect(flat.dataSync()).toEqual(copy);
    expect(view.dataSync()).toEqual(copy.slice(copy.length / 3, (2 * copy.length) / 3));
    for (const tensor of [view, flat, x, other]) tensor.dispose();
    disposeParams(params);
    expect(arena.used).toBe(0);
  });

  it('lets the process end while its workers sleep', async () => {
    const program = fileURLToPath(new URL('../fixtures/run-and-end.mjs', import.meta.url));
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [program], {
      env: { ...process.env, OD_VAE_THREADS: '2' },
      timeout: 30_000,
    });
    expect({ stdout, stderr }).toEqual({ stdout: '2 216\n', stderr: '' });
  });
});

describe('SimdBackend', () => {
  it.each([0, 65, 1.5])('refuses %f threads', (threads) => {
    expect(() => new SimdBackend({ threads })).toThrow(
      new ConfigError(`simd: threads must be a whole number from 1 to 64, but is ${threads}.`),
    );
  });

  it('packs the weights of a kernel once', () => {
    const own = new SimdBackend({ threads: 1 });
    const weight = own.makeTensorInfo([1, 1, 1, 1, 1], 'float32', Float32Array.of(2));
    const packed = own.packedWeights(weight);
    const { columns } = own.block;
    expect(packed).toEqual(Float32Array.from({ length: columns }, (_, index) => (index === 0 ? 2 : 0)));
    expect(own.packedWeights(weight)).toBe(packed);
    expect(own.packedWeights({ ...weight, shape: [1, 1, 1, 1, 1] })).toBe(packed);
    const turned = { ...own.makeTensorInfo([1, 1, 1, 1, 2], 'float32', Float32Array.of(1, 2)), shape: [1, 1, 1, 2, 1] };
    expect(own.packedWeights({ ...turned, shape: [1, 1, 1, 1, 2] })).toHaveLength(columns);
    expect(own.packedWeights(turned)).toHaveLength(2 * columns);
    own.disposeData(weight.dataId);
  });
});
