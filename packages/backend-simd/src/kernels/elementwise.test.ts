import '@od-vae/layers';
import { useBackend, useLeakGuard } from '@od-vae/test-utils';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { useAllBackends } from '../../fixtures/backends.ts';
import { noise, runOn } from '../../fixtures/values.ts';
import { BINARY_OPS, UNARY_OPS } from '../code/elementwise.ts';
import { SimdBackend } from '../simd-backend.ts';
import { elementwiseKernels } from './elementwise.ts';

useBackend('cpu');
useLeakGuard();
const expectStock = useAllBackends();

const kernelNamed = (name: string) => elementwiseKernels.find(({ kernelName }) => kernelName === name)!;
/** Away from 0, where quotients are large. */
const positive = (key: string, shape: number[]) => ({ shape, values: noise(key, shape).values.map((x) => x / 4 + 1) });

const shapes = fc.constantFrom<[number[], number[]]>(
  [[7], [7]],
  [
    [3, 100_003],
    [3, 100_003],
  ],
  [[2, 3, 5], []],
  [[], [4, 3]],
  [[2, 3, 5], [5]],
  [[7, 9_001], [9_001]],
  [
    [2, 3, 5],
    [1, 3, 5],
  ],
  [
    [2, 3, 5],
    [2, 3, 1],
  ],
  [
    [200, 300, 3],
    [200, 300, 1],
  ],
  [
    [2, 3, 1, 5],
    [2, 1, 4, 1],
  ],
  [
    [4, 1],
    [1, 6],
  ],
);

describe.each(BINARY_OPS)('%s', (name) => {
  it('computes what the stock kernel does, however its inputs are broadcast', () => {
    fc.assert(
      fc.property(shapes, fc.boolean(), ([a, b], swapped) => {
        const inputs = { a: positive('a', swapped ? b : a), b: positive('b', swapped ? a : b) };
        expectStock(kernelNamed(name), inputs, {}, 1e-6);
      }),
      { numRuns: 8 },
    );
  });
});

describe.each(UNARY_OPS)('%s', (name) => {
  it.each([[[1]], [[3, 5, 7]], [[2, 50_001]]])('computes what the stock kernel does on %j', (shape) => {
    const x = name.endsWith('qrt') ? positive('x', shape) : noise('x', shape);
    expectStock(kernelNamed(name), { x }, { alpha: 0.2 }, 1e-6);
  });

  it('gives no number for what is none', () => {
    const backend = new SimdBackend({ threads: 1 });
    const x = { shape: [3], values: Float32Array.of(NaN, 1, NaN) };
    const [y] = runOn(backend, kernelNamed(name), { x }, { alpha: 0.2 });
    expect([...y!.values].map(Number.isNaN)).toEqual([true, false, true]);
  });
});
