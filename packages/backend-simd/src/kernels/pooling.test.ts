import '@od-vae/layers';
import { useBackend, useLeakGuard } from '@od-vae/test-utils';
import { backend_util } from '@tensorflow/tfjs-core';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { useAllBackends } from '../../fixtures/backends.ts';
import { noise, runOn } from '../../fixtures/values.ts';
import { SimdBackend } from '../simd-backend.ts';
import { pooling } from './pooling.ts';

useBackend('cpu');
useLeakGuard();
const expectStock = useAllBackends();

const kernelOf = (name: string) => pooling.find(({ kernelName }) => kernelName === name)!;
const length = fc.integer({ min: 3, max: 8 });
const size = fc.integer({ min: 1, max: 3 });
const pad = fc.constantFrom('valid' as const, 'same' as const);
const runs = { numRuns: 25 };

/** Images or clips, and windows that fit them. */
const cases = {
  '': fc.record({
    shape: fc.tuple(size, length, length, size),
    filterSize: fc.tuple(size, size),
    strides: fc.tuple(size, size),
    pad,
  }),
  '3D': fc.record({
    shape: fc.tuple(size, length, length, length, size),
    filterSize: fc.tuple(size, size, size),
    strides: fc.tuple(size, size, size),
    pad,
  }),
};

function outShape(
  shape: number[],
  { filterSize, strides, pad: around }: { filterSize: number[]; strides: number[]; pad: 'valid' | 'same' },
) {
  return shape.length === 4
    ? backend_util.computePool2DInfo(shape as never, filterSize as never, strides as never, 1, around).outShape
    : backend_util.computePool3DInfo(shape as never, filterSize as never, strides as never, 1, around).outShape;
}

describe.each(['', '3D'] as const)('pooling %s', (rank) => {
  it.each([`MaxPool${rank}`, `AvgPool${rank}`])('computes what the stock %s does', (name) => {
    fc.assert(
      fc.property(cases[rank], ({ shape, ...attrs }) =>
        expectStock(kernelOf(name), { x: noise('x', [...shape]) }, attrs, 1e-6),
      ),
      runs,
    );
  });

  it(`computes what the stock MaxPool${rank}Grad does`, () => {
    fc.assert(
      fc.property(cases[rank], ({ shape, filterSize, ...rest }) => {
        // The stock kernel of clips mixes up height and width of a window.
        const attrs = { ...rest, filterSize: rank === '3D' ? filterSize.with(2, filterSize[1]!) : filterSize };
        const [input, output] = [noise('x', [...shape]), outShape([...shape], attrs)];
        // The stock kernel makes the output anew.
        const inputs = { dy: noise('dy', output), input, output: noise('y', output) };
        expectStock(kernelOf(`MaxPool${rank}Grad`), inputs, attrs, 1e-6);
      }),
      runs,
    );
  });

  it(`has an AvgPool${rank}Grad that turns AvgPool${rank} around`, async () => {
    const backend = new SimdBackend({ threads: 1 });
    fc.assert(
      fc.property(cases[rank], ({ shape, ...attrs }) => {
        const x = noise('x', [...shape]);
        const dy = noise('dy', outShape([...shape], attrs));
        const [y] = runOn(backend, kernelOf(`AvgPool${rank}`), { x }, attrs);
        const [dx] = runOn(backend, kernelOf(`AvgPool${rank}Grad`), { dy, input: x }, attrs);
        expect(Math.abs(product(y!.values, dy.values) - product(x.values, dx!.values))).toBeLessThan(1e-4);
      }),
      runs,
    );
    await backend.pool.close();
  });
});

describe('pooling', () => {
  it('hands on what is no number', async () => {
    const backend = new SimdBackend({ threads: 1 });
    const x = { shape: [1, 2, 2, 1], values: Float32Array.of(1, NaN, 2, 3) };
    const [y] = runOn(backend, kernelOf('MaxPool'), { x }, { filterSize: 2, strides: 2, pad: 'valid' });
    expect(y!.values[0]).toBeNaN();
    await backend.pool.close();
  });
});

function product(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, index) => sum + value * b[index]!, 0);
}
