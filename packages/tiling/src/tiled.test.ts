import '@tensorflow/tfjs-backend-cpu';
import { ShapeError } from '@od-vae/core';
import { memory, type Tensor5D, tensor5d } from '@tensorflow/tfjs-core';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { fakeDecoder, fakeEncoder, rampClip, withTileMean } from '../fixtures/fake-codec.ts';
import { type Grid, officialLoop } from '../fixtures/official-loop.ts';
import type { ClipFunction } from './clip-function.ts';
import type { TilingOptions } from './plan-tiles.ts';
import { tiled } from './tiled.ts';
import { officialTiling, paperTiling } from './tiling.ts';

/** Blending rounds in float32; values are below 2. */
const FLOAT32 = 1e-6;

const strides = { temporalStride: 4, spatialStride: 2 };

function distance(a: Tensor5D, b: Tensor5D): number {
  expect(a.shape).toEqual(b.shape);
  const other = b.dataSync<'float32'>();
  return a
    .dataSync<'float32'>()
    .reduce((largest, value, index) => Math.max(largest, Math.abs(value - other[index]!)), 0);
}

const spatials = fc
  .record({ latentSize: fc.constantFrom(2, 4, 8), shared: fc.nat(7), official: fc.boolean() })
  .filter(({ latentSize, shared }) => shared < latentSize)
  .map(({ latentSize, shared, official }) => ({
    sampleSize: latentSize * 2,
    latentSize,
    overlap: shared / latentSize,
    official,
  }));

const cases = fc.record({
  frames: fc.integer({ min: 1, max: 3 }).map((groups) => 4 * groups + 1),
  latents: fc.integer({ min: 2, max: 5 }),
  spatial: fc.option(spatials, { nil: undefined }),
  time: fc.integer({ min: 1, max: 24 }),
  height: fc.integer({ min: 1, max: 12 }),
  width: fc.integer({ min: 1, max: 12 }),
  batch: fc.integer({ min: 1, max: 2 }),
});

describe('tiled', () => {
  it('encodes as one pass does where a latent depends on its own pixels alone', () => {
    fc.assert(
      fc.property(cases, ({ time, height, width, batch, ...tiling }) => {
        const clip = rampClip(time, 2 * height, 2 * width, batch);
        const encode = tiled(fakeEncoder(strides), { direction: 'encode', tiling, ...strides });
        expect(distance(encode(clip), fakeEncoder(strides)(clip))).toBeLessThan(FLOAT32);
      }),
      { numRuns: 60 },
    );
  });

  it('decodes as one pass does where a pixel depends on its own latent alone', () => {
    fc.assert(
      fc.property(cases, ({ time, height, width, batch, ...tiling }) => {
        const latents = rampClip(Math.ceil(time / 4), height, width, batch);
        const decode = tiled(fakeDecoder(strides), { direction: 'decode', tiling, ...strides });
        expect(distance(decode(latents), fakeDecoder(strides)(latents))).toBeLessThan(FLOAT32);
      }),
      { numRuns: 60 },
    );
  });

  it.each([
    { direction: 'encode', height: 56, width: 40, overlap: 0.25, loop: { size: 32, stride: 24, blend: 1, keep: 3 } },
    { direction: 'encode', height: 48, width: 72, overlap: 0.75, loop: { size: 32, stride: 8, blend: 3, keep: 1 } },
    { direction: 'encode', height: 56, width: 40, overlap: 0.125, loop: { size: 32, stride: 28, blend: 0, keep: 4 } },
    { direction: 'decode', height: 7, width: 5, overlap: 0.25, loop: { size: 4, stride: 3, blend: 8, keep: 24 } },
    { direction: 'decode', height: 6, width: 9, overlap: 0.5, loop: { size: 4, stride: 2, blend: 16, keep: 16 } },
  ] as const)('agrees with the official loop: $direction $height by $width, overlap $overlap', (example) => {
    const { direction, height, width, overlap, loop } = example;
    const f = withTileMean(direction === 'encode' ? fakeEncoder() : fakeDecoder());
    const spatial = { sampleSize: 32, latentSize: 4, overlap, official: true };
    const image = rampClip(1, height, width, 1, 1);
    const run = (grid: Grid) => gridOf(f(tensor5d(grid.flat(), [1, 1, grid.length, grid[0]!.length, 1])));
    const expected = officialLoop(gridOf(image), run, loop);
    const actual = tiled(f, { direction, tiling: { ...paperTiling, spatial } })(image);
    expect(actual.shape.slice(2, 4)).toEqual([expected.length, expected[0]!.length]);
    expect(Math.max(...differences(gridOf(actual), expected))).toBeLessThan(FLOAT32);
  });

  it('splits time and space together when the official code does', () => {
    const shapes: number[][] = [];
    const recording: ClipFunction = (clip) => {
      shapes.push(clip.shape.slice(1, 4));
      return fakeEncoder()(clip);
    };
    const spatial = { sampleSize: 32, latentSize: 4, overlap: 0.25, official: true };
    const tiling = { ...officialTiling, frames: 9, spatial };
    const latents = tiled(recording, { direction: 'encode', tiling })(rampClip(13, 32, 40));
    expect(latents.shape).toEqual([1, 4, 4, 5, 2]);
    const squares = (time: number) => [
      [time, 32, 32],
      [time, 32, 16],
      [time, 8, 32],
      [time, 8, 16],
    ];
    expect(shapes).toEqual([...squares(9), ...squares(5)]);
  });

  it('gives a tensor of its own even where nothing is cut and f gives back its input', () => {
    const clip = rampClip(5, 2, 2);
    const same = { direction: 'encode', tiling: paperTiling, temporalStride: 1, spatialStride: 1 } as const;
    const output = tiled((x) => x, same)(clip);
    output.dispose();
    expect(clip.isDisposed).toBe(false);
  });

  it('names the tile whose result has another size than the plan', () => {
    const options: TilingOptions = { direction: 'encode', tiling: paperTiling };
    expect(() => tiled((x) => x, options)(rampClip(5, 8, 8))).toThrow(ShapeError);
    expect(() => tiled((x) => x, options)(rampClip(5, 8, 8))).toThrow(
      'tiled: encode of a tile [1,5,8,8,2] must give 2 frames of 1 by 1, but gave [1,5,8,8,2].',
    );
  });

  it('refuses a clip before it computes anything', () => {
    let calls = 0;
    const counted: ClipFunction = (clip) => {
      calls += 1;
      return clip;
    };
    const spatial = { sampleSize: 32, latentSize: 4, overlap: 0.25 };
    const encode = tiled(counted, { direction: 'encode', tiling: { ...paperTiling, spatial } });
    expect(() => encode(rampClip(1, 32, 4))).toThrow(ShapeError);
    expect(calls).toBe(0);
  });

  it.each([
    ['time', { frames: 5, latents: 2 }],
    ['space', { frames: 5, latents: 2, spatial: { sampleSize: 4, latentSize: 2, overlap: 0.5 } }],
  ])('leaves nothing behind when tiled in %s, and nothing at all on failure', (_, tiling) => {
    const clip = rampClip(17, 8, 12);
    const tensors = memory().numTensors;
    const options: TilingOptions = { direction: 'encode', tiling, ...strides };
    let calls = 0;
    const failing: ClipFunction = (tile) => {
      calls += 1;
      if (calls === 4) throw new Error('out of memory');
      return fakeEncoder(strides)(tile);
    };
    expect(() => tiled(failing, options)(clip)).toThrow('out of memory');
    expect(memory().numTensors).toBe(tensors);
    tiled(fakeEncoder(strides), options)(clip).dispose();
    expect(memory().numTensors).toBe(tensors);
  });

  it('holds a row of tiles and the finished rows, not every tile', () => {
    const tileBytes = 32 * 32 * 5 * 2 * 4;
    const tiling = { ...paperTiling, spatial: { sampleSize: 32, latentSize: 4, overlap: 0.25 } };
    const latents = rampClip(2, 61, 7);
    const before = memory().numBytes;
    const held: number[] = [];
    const watching: ClipFunction = (tile) => {
      held.push(memory().numBytes - before);
      return fakeDecoder()(tile);
    };
    const output = tiled(watching, { direction: 'decode', tiling })(latents);
    expect(held).toHaveLength(40);
    expect(Math.max(...held)).toBeLessThan(output.size * 4 + 4 * tileBytes);
  });
});

function gridOf(clip: Tensor5D): Grid {
  const [, , height, width] = clip.shape;
  const values = [...clip.dataSync()];
  return Array.from({ length: height }, (_, y) => values.slice(y * width, (y + 1) * width));
}

function differences(a: Grid, b: Grid): number[] {
  return a.flatMap((line, y) => line.map((value, x) => Math.abs(value - b[y]![x]!)));
}
