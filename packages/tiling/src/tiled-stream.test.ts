import '@tensorflow/tfjs-backend-cpu';
import { ConfigError, type Progress, sliceFrames } from '@od-vae/core';
import { concat, memory, type Tensor5D, tidy } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

import { fakeDecoder, fakeEncoder, rampClip, withTileMean } from '../fixtures/fake-codec.ts';
import type { ClipFunction } from './clip-function.ts';
import type { TilingOptions } from './plan-tiles.ts';
import { tiled } from './tiled.ts';
import { tiledGroups, tiledStream } from './tiled-stream.ts';

const strides = { temporalStride: 4, spatialStride: 2 };
const spatial = { sampleSize: 8, latentSize: 4, overlap: 0.5 };
const tiling = { frames: 9, latents: 3 };
const encode: TilingOptions = { direction: 'encode', tiling, ...strides };

function framesOf(clip: Tensor5D): Tensor5D[] {
  return Array.from({ length: clip.shape[1] }, (_, index) => tidy(() => sliceFrames(clip, index, index + 1)));
}

function options(how: TilingOptions) {
  return {
    ...how,
    toClip: (frames: readonly Tensor5D[]) => concat([...frames], 1),
    release: (frame: Tensor5D) => frame.dispose(),
  };
}

async function whole(f: ClipFunction, clip: Tensor5D, how: TilingOptions): Promise<Tensor5D> {
  const groups: Tensor5D[] = [];
  for await (const group of tiledStream(f, framesOf(clip), options(how))) groups.push(group.clone());
  return concat(groups, 1);
}

describe('tiledStream', () => {
  it.each([
    ['encode', 30, tiling],
    ['encode', 9, tiling],
    ['encode', 1, tiling],
    ['encode', 17, { ...tiling, spatial }],
    ['encode', 17, { ...tiling, spatial: { ...spatial, official: true } }],
    ['encode', 9, { ...tiling, spatial: { ...spatial, official: true } }],
    ['decode', 8, tiling],
    ['decode', 5, { ...tiling, spatial: { ...spatial, official: true } }],
  ] as const)('gives what tiled gives for the whole clip: %s %i frames, %o', async (direction, time, cut) => {
    const how: TilingOptions = { direction, tiling: cut, ...strides };
    const f = withTileMean(direction === 'encode' ? fakeEncoder(strides) : fakeDecoder(strides));
    const clip = direction === 'encode' ? rampClip(time, 8, 8) : rampClip(time, 4, 4);
    const expected = tiled(f, how)(clip);
    const actual = await whole(f, clip, how);
    expect(actual.shape).toEqual(expected.shape);
    expect(actual.dataSync()).toEqual(expected.dataSync());
  });

  it('holds one group and its output, however long the stream', async () => {
    const before = memory().numTensors;
    const held: number[] = [];
    async function* camera() {
      for (let time = 0; time < 200; time += 1) yield rampClip(1, 2, 2);
    }
    for await (const group of tiledStream(fakeEncoder(strides), camera(), options(encode))) {
      expect(group.isDisposed).toBe(false);
      held.push(memory().numTensors - before);
    }
    expect(held).toHaveLength(25);
    expect(Math.max(...held)).toBe(14);
    expect(memory().numTensors).toBe(before);
  });

  it('counts tiles without a total', async () => {
    const progress: Progress[] = [];
    const onProgress = (step: Progress) => progress.push(step);
    const stream = tiledStream(fakeEncoder(strides), framesOf(rampClip(17, 2, 2)), { ...options(encode), onProgress });
    for await (const group of stream) expect(group.shape[0]).toBe(1);
    expect(progress).toEqual([1, 2].map((done) => ({ phase: 'encode', done, total: undefined })));
  });

  it('frees everything when it is left, aborted or failing', async () => {
    const clip = rampClip(33, 2, 2);
    const before = memory().numTensors;
    for await (const group of tiledStream(fakeEncoder(strides), framesOf(clip), options(encode))) {
      if (group.shape[1] > 0) break;
    }
    const signal = AbortSignal.abort(new Error('enough'));
    const failing: ClipFunction = () => {
      throw new Error('out of memory');
    };
    const run = async (f: ClipFunction, more: { signal?: AbortSignal }) => {
      async function* camera() {
        for (let time = 0; time < 33; time += 1) yield rampClip(1, 2, 2);
      }
      for await (const group of tiledStream(f, camera(), { ...options(encode), ...more })) group.dispose();
    };
    await expect(run(fakeEncoder(strides), { signal })).rejects.toThrow('enough');
    await expect(run(failing, {})).rejects.toThrow('out of memory');
    // `framesOf` makes all 33 frames at once; the stream had taken 13 of them when it was left.
    expect(memory().numTensors).toBe(before + 20);
  });

  it('refuses a tiling that does not suit the model', async () => {
    const stream = tiledStream(fakeEncoder(strides), [], options({ ...encode, tiling: { frames: 8, latents: 3 } }));
    await expect(stream.next()).rejects.toThrow(ConfigError);
  });
});

describe('tiledGroups', () => {
  it('computes what is not skipped as if nothing had been', async () => {
    const f = withTileMean(fakeEncoder(strides));
    const collect = async (skip: (index: number) => boolean) => {
      const found: (readonly number[] | undefined)[] = [];
      const frames = tidy(() => framesOf(rampClip(30, 4, 4)));
      const stream = tiledGroups(f, frames, { ...options(encode), skip });
      for await (const { index, items, output } of stream) {
        expect(index).toBe(found.length);
        expect(items).toBe(index === 3 ? 6 : 9);
        found.push(output && [...output.dataSync()]);
      }
      return found;
    };
    const all = await collect(() => false);
    expect(all).toHaveLength(4);
    expect(all.every((values) => values !== undefined)).toBe(true);
    const before = memory().numTensors;
    expect(await collect((index) => index === 0 || index === 2)).toEqual([undefined, all[1], undefined, all[3]]);
    expect(memory().numTensors).toBe(before);
  });

  it('makes no clip of a group that it skips', async () => {
    const frames = framesOf(rampClip(17, 2, 2));
    const toClip = () => {
      throw new Error('no clip was to be made');
    };
    const stream = tiledGroups(fakeEncoder(strides), frames, { ...options(encode), toClip, skip: () => true });
    let count = 0;
    for await (const { output } of stream) count += output ? 0 : 1;
    expect(count).toBe(2);
  });
});
