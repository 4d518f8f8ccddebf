import { ConfigError, ShapeError } from '@od-vae/core';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { type PlanRequest, planTiles } from './plan-tiles.ts';
import type { AxisTile } from './spatial-tiles.ts';
import { officialTiling, paperTiling, saveMemoryTiling, scriptTiling, v11Tiling } from './tiling.ts';

const encode = { direction: 'encode', tiling: paperTiling, time: 33, height: 256, width: 256 } as const;
const decode = { direction: 'decode', tiling: paperTiling, time: 9, height: 32, width: 32 } as const;
const inputs = (tiles: readonly AxisTile[]) => tiles.map(({ input }) => [input.begin, input.end]);
const keptLengths = (tiles: readonly AxisTile[]) => tiles.map(({ output }) => output.end - output.begin);

/** Tilings whose overlap is a whole number of latents. */
const alignedSpatial = fc
  .record({ latentSize: fc.integer({ min: 1, max: 12 }), shared: fc.nat(11), official: fc.boolean() })
  .filter(({ latentSize, shared }) => shared < latentSize && Number.isInteger(Math.log2(latentSize)))
  .map(({ latentSize, shared, official }) => ({
    sampleSize: latentSize * 8,
    latentSize,
    overlap: shared / latentSize,
    official,
  }));

const requests: fc.Arbitrary<PlanRequest> = fc.record({
  direction: fc.constantFrom('encode' as const, 'decode' as const),
  tiling: fc.record({
    frames: fc.integer({ min: 1, max: 10 }).map((groups) => 4 * groups + 1),
    latents: fc.integer({ min: 2, max: 16 }),
    spatial: fc.option(alignedSpatial, { nil: undefined }),
  }),
  time: fc.integer({ min: 1, max: 130 }),
  height: fc.integer({ min: 1, max: 20 }).map((units) => units * 8),
  width: fc.integer({ min: 1, max: 20 }).map((units) => units * 8),
});

describe('planTiles', () => {
  it('promises the size that the whole clip would give', () => {
    fc.assert(
      fc.property(requests, (request) => {
        const { time, height, width } = request;
        expect(planTiles(request).output).toEqual(
          request.direction === 'encode'
            ? { time: Math.ceil(time / 4), height: height / 8, width: width / 8 }
            : { time: 4 * (time - 1) + 1, height: height * 8, width: width * 8 },
        );
      }),
    );
  });

  it('covers every input and output exactly, in order', () => {
    fc.assert(
      fc.property(requests, (request) => {
        const plan = planTiles(request);
        for (const [tiles, input, output] of [
          [plan.rows, plan.input.height, plan.output.height],
          [plan.columns, plan.input.width, plan.output.width],
        ] as const) {
          expect(tiles[0]!.input.begin).toBe(0);
          expect(tiles.at(-1)!.input.end).toBe(input);
          expect(tiles.at(-1)!.output.end).toBe(output);
        }
        for (const tiles of [plan.times, plan.rows, plan.columns]) {
          tiles.forEach((tile, index) => {
            expect(tile.output.begin).toBe(tiles[index - 1]?.output.end ?? 0);
            expect(tile.input.begin).toBeLessThanOrEqual(tiles[index - 1]?.input.end ?? 0);
            expect(tile.output.end - tile.output.begin).toBeLessThanOrEqual(tile.made);
            expect(tile.output.end).toBeGreaterThan(tile.output.begin);
          });
        }
        expect(plan.count).toBe(plan.times.length * plan.rows.length * plan.columns.length);
      }),
    );
  });

  it('leaves a fitting side whole by default', () => {
    const tiling = { frames: 33, latents: 9, spatial: { sampleSize: 256, latentSize: 32, overlap: 0.125 } };
    const plan = planTiles({ ...encode, tiling, time: 97, height: 480 });
    expect(inputs(plan.rows)).toEqual([
      [0, 256],
      [224, 480],
    ]);
    expect(keptLengths(plan.rows)).toEqual([28, 32]);
    expect(inputs(plan.columns)).toEqual([[0, 256]]);
    expect(plan.count).toBe(6);
  });

  it("never cuts in space in the paper's mode", () => {
    expect(planTiles({ ...encode, time: 97, height: 1080, width: 1920 })).toMatchObject({ count: 3, blend: 0 });
  });

  it('cuts a fitting frame in space when the official code does: only once time is cut', () => {
    const whole = planTiles({ ...encode, tiling: officialTiling });
    expect(whole).toMatchObject({ count: 1, blend: 0 });
    const long = planTiles({ ...encode, tiling: officialTiling, time: 37 });
    expect(inputs(long.rows)).toEqual([
      [0, 256],
      [224, 256],
    ]);
    expect(keptLengths(long.rows)).toEqual([28, 4]);
    expect(long).toMatchObject({ count: 8, blend: 4 });
    expect(planTiles({ ...encode, tiling: officialTiling, part: 'first' }).count).toBe(4);
    expect(planTiles({ ...encode, tiling: officialTiling, height: 264 }).count).toBe(4);
  });

  it.each([
    ['officialTiling', officialTiling, [224, 28, 4, 32]],
    ['v11Tiling', v11Tiling, [192, 24, 8, 64]],
    ['scriptTiling', scriptTiling, [448, 56, 8, 64]],
    ['saveMemoryTiling', saveMemoryTiling, [224, 28, 4, 32]],
  ])(
    'steps and blends with %s as the released code',
    (_, tiling, [encodeStep, decodeStep, encodeBlend, decodeBlend]) => {
      const encoder = planTiles({ ...encode, tiling, height: 1024 });
      const decoder = planTiles({ ...decode, tiling, height: 128 });
      expect([encoder.rows[1]!.input.begin, decoder.rows[1]!.input.begin]).toEqual([encodeStep, decodeStep]);
      expect([encoder.blend, decoder.blend]).toEqual([encodeBlend, decodeBlend]);
    },
  );

  it.each([
    [11, { latents: 9 }, [33, 8]],
    [25, { latents: 9 }, [33, 32, 32]],
    [32, { latents: 9 }, [33, 32, 32, 28]],
    [11, { latents: 16 }, [41]],
    [25, { latents: 16 }, [61, 36]],
    [32, { latents: 16 }, [61, 60, 4]],
    [11, { latents: 8 }, [29, 12]],
    [25, { latents: 8 }, [29, 28, 28, 12]],
    [32, { latents: 8 }, [29, 28, 28, 28, 12]],
  ])('decodes %i latents by %o to the frames of the released code', (time, tiling, frames) => {
    expect(keptLengths(planTiles({ ...decode, tiling: { ...paperTiling, ...tiling }, time }).times)).toEqual(frames);
  });

  it('drops the first output frame of a later part', () => {
    expect(planTiles({ ...encode, part: 'later' }).output.time).toBe(8);
    expect(planTiles({ ...decode, part: 'later' }).output.time).toBe(32);
    expect(() => planTiles({ ...encode, time: 4, part: 'later' })).toThrow(/a part of 4 frames gives no other/);
  });

  it('accepts an overlap between latents only in the official mode, and says what fits otherwise', () => {
    const spatial = { sampleSize: 32, latentSize: 4, overlap: 0.125 };
    const official = { ...paperTiling, spatial: { ...spatial, official: true } };
    const plan = planTiles({ ...encode, tiling: official, height: 56, width: 40, time: 37 });
    expect(inputs(plan.rows)).toEqual([
      [0, 32],
      [28, 56],
    ]);
    expect(keptLengths(plan.rows)).toEqual([4, 3]);
    expect(() => planTiles({ ...encode, tiling: { ...paperTiling, spatial } })).toThrow(
      /whole number of the 4 latents of a tile, but is 0.125 \(try 1\/4\)/,
    );
  });

  it.each([
    [{ frames: 1 }, /tiling\.frames: .* at least 2 .* has 1/],
    [{ frames: 32 }, /tiling\.frames: .* 1 \+ 4n frames, but has 32/],
    [{ latents: 1 }, /tiling\.latents: .* at least 2 .* has 1/],
    [{ spatial: { sampleSize: 256, latentSize: 32, overlap: 1 } }, /overlap must be at least 0 and below 1, but is 1/],
    [{ spatial: { sampleSize: 256, latentSize: 32, overlap: -0.1 } }, /below 1, but is -0.1/],
    [{ spatial: { sampleSize: 256, latentSize: 32, overlap: Number.NaN } }, /below 1, but is NaN/],
    [{ spatial: { sampleSize: 8, latentSize: 1, overlap: 0.5 } }, /no step forward/],
    [{ spatial: { sampleSize: 4, latentSize: 1, overlap: 0 } }, /sampleSize must be .* at least 8 px, but is 4/],
    [{ spatial: { sampleSize: 256, latentSize: 0, overlap: 0 } }, /latentSize must be .* at least 1, but is 0/],
    [{ spatial: { sampleSize: 256, latentSize: 31, overlap: 0 } }, /31 latents of 8 px = 248, but is 256/],
  ])('refuses the tiling %o', (change, message) => {
    const request = { ...encode, tiling: { ...paperTiling, ...change } };
    expect(() => planTiles(request)).toThrow(ConfigError);
    expect(() => planTiles(request)).toThrow(message);
  });

  it('refuses strides that are no whole numbers', () => {
    expect(() => planTiles({ ...encode, spatialStride: 0 })).toThrow(/spatialStride must be .* but is 0/);
    expect(() => planTiles({ ...encode, temporalStride: 1.5 })).toThrow(/temporalStride must be .* but is 1.5/);
  });

  it('refuses a clip that gives no output, and one that ends with a tile below 8 px', () => {
    expect(() => planTiles({ ...encode, time: 0 })).toThrow(ShapeError);
    expect(() => planTiles({ ...encode, height: 7 })).toThrow(
      /at least 1 frame of 8 by 8, but the clip has 33 of 7 by 256/,
    );
    const tiling = { ...paperTiling, spatial: { sampleSize: 32, latentSize: 4, overlap: 0.25, official: true } };
    expect(() => planTiles({ ...encode, tiling, height: 52 })).toThrow(ShapeError);
    expect(() => planTiles({ ...encode, tiling, height: 52 })).toThrow(/a side of 52 px.* a tile of 4 px/);
  });
});
