import type { TensorSource } from '@od-vae/core';
import { describe, expect, it } from 'vitest';

import { hashWeights } from './hash-weights.ts';

const source = (weights: Record<string, number[]>): TensorSource => ({
  label: 'x',
  tensors: new Map(
    Object.entries(weights).map(([name, values]) => [
      name,
      { shape: [values.length], float32: async () => Float32Array.from(values) },
    ]),
  ),
});

async function hashOf(weights: Record<string, number[]>, order = Object.keys(weights)) {
  const hashed = hashWeights(source(weights));
  for (const name of order) await hashed.tensors.get(name)!.float32();
  return hashed.hash();
}

describe('hashWeights', () => {
  it('gives the weights as they are', async () => {
    const tensor = hashWeights(source({ a: [1, 2] })).tensors.get('a')!;
    expect(tensor.shape).toEqual([2]);
    expect([...(await tensor.float32())]).toEqual([1, 2]);
  });

  it('depends on names and values, and not on the order of reading', async () => {
    const hash = await hashOf({ a: [1, 2], b: [3] });
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(await hashOf({ a: [1, 2], b: [3] }, ['b', 'a'])).toBe(hash);
    expect(await hashOf({ a: [1, 2], b: [3.0001] })).not.toBe(hash);
    expect(await hashOf({ a: [1, 2], c: [3] })).not.toBe(hash);
  });
});
