import { useBackend, useLeakGuard } from '@od-vae/test-utils';
import { afterAll, describe, expect, it } from 'vitest';

import { noise, runOn } from '../../fixtures/values.ts';
import { SimdBackend } from '../simd-backend.ts';
import { add } from './add.ts';

useBackend('cpu');
useLeakGuard();

describe('Add', () => {
  const backend = new SimdBackend({ threads: 2 });
  afterAll(() => backend.pool.close());

  it('adds tensors of one shape, more than one job of them', async () => {
    await backend.pool.started();
    const [a, b] = [noise('a', [3, 100_003]), noise('b', [3, 100_003])];
    const { values, shape } = runOn(backend, add, { a, b });
    expect(shape).toEqual([3, 100_003]);
    expect(values).toEqual(a.values.map((value, index) => Math.fround(value + b.values[index]!)));
  });

  it('leaves a broadcast to the stock kernel', () => {
    const { values } = runOn(backend, add, {
      a: { shape: [2, 1], values: Float32Array.of(1, 2) },
      b: { shape: [2], values: Float32Array.of(10, 20) },
    });
    expect([...values]).toEqual([11, 21, 12, 22]);
  });
});
