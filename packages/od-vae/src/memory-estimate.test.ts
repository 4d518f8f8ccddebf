import type { SimdBackend } from '@od-vae/backend-simd';
import { disposeParams, initParams } from '@od-vae/core';
import { decode, encode, odVaeSpec, parseConfig, peakValues, releases, variants } from '@od-vae/models';
import { useLeakGuard } from '@od-vae/test-utils';
import { backend, type Rank, type Tensor5D, zeros } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { useBackend } from './backend.ts';
import { estimateMemory } from './memory-estimate.ts';

const simd = () => backend() as SimdBackend;

beforeAll(() => useBackend('simd'));
afterAll(() => simd().pool.close());
useLeakGuard();

/** The most bytes that a call on a clip of zeros holds in tensors of our own kernels. */
function measured(shape: readonly number[], call: (input: Tensor5D) => Tensor5D): number {
  const { arena } = simd();
  const input = zeros<Rank.R5>(shape as Tensor5D['shape']);
  const before = arena.used;
  let most = 0;
  const take = arena.take.bind(arena);
  vi.spyOn(arena, 'take').mockImplementation((count) => {
    const array = take(count);
    most = Math.max(most, arena.used - before);
    return array;
  });
  call(input).dispose();
  input.dispose();
  vi.restoreAllMocks();
  return most;
}

describe('peakValues', () => {
  it.each(Object.entries({ ...variants, ...releases }).map(([name, official]) => ({ name, official })))(
    'is what the simd backend holds at most, within 1 %: $name',
    ({ official }) => {
      const config = parseConfig({ ...official, hidden_size: 8, norm_num_groups: 4 });
      const params = initParams(odVaeSpec(config), { seed: 1 });
      const part = (direction: 'encode' | 'decode', bytes: number, time: number, height: number, width: number) =>
        bytes / (4 * peakValues(config, direction, { time, height, width }).activations);
      const encoded = measured([1, 9, 32, 48, 3], (clip) => encode(params, clip, config));
      const decoded = measured([1, 3, 4, 6, 4], (latents) => decode(params, latents, config));
      disposeParams(params);
      expect(Math.abs(part('encode', encoded, 9, 32, 48) - 1)).toBeLessThan(0.01);
      expect(Math.abs(part('decode', decoded, 3, 4, 6) - 1)).toBeLessThan(0.01);
    },
  );
});

describe('estimateMemory', () => {
  const config = parseConfig(variants[4]);
  const estimate = (spatial: number | undefined, size: { width: number; height: number; frames?: number }) =>
    estimateMemory(
      config,
      'simd',
      {
        frames: 33,
        latents: 9,
        ...(spatial && { spatial: { sampleSize: spatial, latentSize: spatial / 8, overlap: 0.125 } }),
      },
      size,
    );

  it('is the sum of its parts', () => {
    const { total, largestTensor, ...parts } = estimate(undefined, { width: 128, height: 128 });
    expect(total).toBe(Object.values(parts).reduce((sum, bytes) => sum + bytes, 0));
    expect(parts.activations).toBeCloseTo(4 * 33 * 128 * 128 * (256 + 2 * 128), -5);
    expect(largestTensor).toBe(4 * 33 * 128 * 128 * 256);
  });

  it('depends on the tile and not on the picture, but for the frames themselves', () => {
    const [small, large] = [256, 1024].map((side) => estimate(256, { width: side, height: side }));
    expect(large!.activations).toBe(small!.activations);
    expect(large!.frames).toBeGreaterThan(10 * small!.frames);
  });

  it('does not depend on the length, but where that is less than a group', () => {
    const [one, many, unknown] = [5, 1000, undefined].map((frames) =>
      estimate(undefined, { width: 128, height: 128, ...(frames && { frames }) }),
    );
    expect(many).toEqual(unknown);
    expect(one!.activations).toBeCloseTo((many!.activations * 5) / 33, -5);
  });

  it('counts more for stock ops than for ours', () => {
    const size = { width: 128, height: 128 };
    const stock = estimateMemory(config, 'wasm', { frames: 33, latents: 9 }, size);
    expect(stock.activations).toBeGreaterThan(2 * estimate(undefined, size).activations);
  });
});
