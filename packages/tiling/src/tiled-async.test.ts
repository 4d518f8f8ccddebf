import '@tensorflow/tfjs-backend-cpu';
import type { Progress } from '@od-vae/core';
import { memory, type Tensor5D } from '@tensorflow/tfjs-core';
import { describe, expect, it, vi } from 'vitest';

import { fakeEncoder, rampClip, withTileMean } from '../fixtures/fake-codec.ts';
import type { TilingOptions } from './plan-tiles.ts';
import { tiled } from './tiled.ts';
import { tiledAsync } from './tiled-async.ts';

const strides = { temporalStride: 4, spatialStride: 2 };
const inTime: TilingOptions = { direction: 'encode', tiling: { frames: 5, latents: 2 }, ...strides };
const inSpace: TilingOptions = {
  direction: 'encode',
  tiling: { frames: 5, latents: 2, spatial: { sampleSize: 4, latentSize: 2, overlap: 0.5 } },
  ...strides,
};
const modes: [string, TilingOptions][] = [
  ['time', inTime],
  ['space', inSpace],
];

describe('tiledAsync', () => {
  it.each(modes)('gives what the synchronous form gives, tiled in %s', async (_, options) => {
    const clip = rampClip(14, 6, 8, 2);
    const f = withTileMean(fakeEncoder(strides));
    const output = await tiledAsync(f, options)(clip);
    const expected = tiled(f, options)(clip);
    expect(output.shape).toEqual(expected.shape);
    expect(output.dataSync()).toEqual(expected.dataSync());
  });

  it('counts tiles up to the number in the plan', async () => {
    const progress: Progress[] = [];
    const f = vi.fn(fakeEncoder(strides));
    await tiledAsync(f, inTime)(rampClip(13, 2, 2), { onProgress: (step) => progress.push(step) });
    expect(progress).toEqual([1, 2, 3].map((done) => ({ phase: 'encode', done, total: 3 })));
    expect(f).toHaveBeenCalledTimes(3);
  });

  it.each(modes)(
    'runs a stepped function as its whole, with a turn after every step, tiled in %s',
    async (_, options) => {
      const clip = rampClip(14, 6, 8, 2);
      const f = fakeEncoder(strides);
      const steps = vi.fn();
      const stepped = function* (tile: Tensor5D) {
        yield steps();
        yield steps();
        return f(tile);
      };
      const progress: Progress[] = [];
      const output = await tiledAsync(stepped, options)(clip, { onProgress: (step) => progress.push(step) });
      expect(output.dataSync()).toEqual(tiled(f, options)(clip).dataSync());
      expect(steps).toHaveBeenCalledTimes(2 * progress.length);
      expect(progress.at(-1)).toMatchObject({ done: progress.length, total: progress.length });
    },
  );

  it('ends a stepped function in the middle, which frees what it holds', async () => {
    const clip = rampClip(14, 6, 8);
    const tensors = memory().numTensors;
    const controller = new AbortController();
    const stepped = function* (tile: Tensor5D) {
      const held = tile.clone();
      try {
        controller.abort(new Error('enough'));
        yield;
        return fakeEncoder(strides)(tile);
      } finally {
        held.dispose();
      }
    };
    await expect(tiledAsync(stepped, inTime)(clip, { signal: controller.signal })).rejects.toThrow('enough');
    expect(memory().numTensors).toBe(tensors);
  });

  it('lets other work run between tiles', async () => {
    let turns = 0;
    const timer = setInterval(() => {
      turns += 1;
    }, 0);
    const seen: number[] = [];
    const slow = (clip: Tensor5D) => {
      seen.push(turns);
      const until = performance.now() + 5;
      while (performance.now() < until);
      return fakeEncoder(strides)(clip);
    };
    await tiledAsync(slow, inTime)(rampClip(13, 2, 2));
    clearInterval(timer);
    expect(seen[2]).toBeGreaterThan(seen[0]!);
  });

  it.each(modes)('ends with the reason of the signal and frees everything, tiled in %s', async (_, options) => {
    const clip = rampClip(14, 6, 8);
    const tensors = memory().numTensors;
    const controller = new AbortController();
    const f = vi.fn(fakeEncoder(strides));
    const onProgress = ({ done }: Progress) => {
      if (done === 2) controller.abort(new Error('enough'));
    };
    const call = tiledAsync(f, options)(clip, { signal: controller.signal, onProgress });
    await expect(call).rejects.toThrow('enough');
    expect(f).toHaveBeenCalledTimes(2);
    expect(memory().numTensors).toBe(tensors);
  });

  it('does not begin when the signal is aborted already', async () => {
    const f = vi.fn(fakeEncoder(strides));
    await expect(tiledAsync(f, inTime)(rampClip(5, 2, 2), { signal: AbortSignal.abort() })).rejects.toThrow();
    expect(f).not.toHaveBeenCalled();
  });

  it.each(modes)('frees everything when the function or the listener fails, tiled in %s', async (_, options) => {
    const clip = rampClip(14, 6, 8);
    const tensors = memory().numTensors;
    let calls = 0;
    const failing = (tile: Tensor5D) => {
      calls += 1;
      if (calls === 3) throw new Error('out of memory');
      return fakeEncoder(strides)(tile);
    };
    await expect(tiledAsync(failing, options)(clip)).rejects.toThrow('out of memory');
    const onProgress = () => {
      throw new Error('no listener');
    };
    await expect(tiledAsync(fakeEncoder(strides), options)(clip, { onProgress })).rejects.toThrow('no listener');
    expect(memory().numTensors).toBe(tensors);
  });

  it.each(modes)('leaves nothing behind but its output, tiled in %s', async (_, options) => {
    const clip = rampClip(14, 6, 8);
    const tensors = memory().numTensors;
    await tiledAsync(fakeEncoder(strides), options)(clip);
    expect(memory().numTensors).toBe(tensors + 1);
  });
});
