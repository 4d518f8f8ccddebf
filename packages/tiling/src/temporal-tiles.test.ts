import { ConfigError, ShapeError } from '@od-vae/core';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { temporalTiles } from './temporal-tiles.ts';

const pairs = (frames: number, tileFrames: number, stride?: number) =>
  temporalTiles(frames, tileFrames, stride).map(({ begin, end }) => [begin, end]);

describe('temporalTiles', () => {
  it('covers the clip with tiles that share one frame and are never longer than asked', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400 }), fc.integer({ min: 2, max: 70 }), (frames, tileFrames) => {
        const tiles = temporalTiles(frames, tileFrames);
        expect(tiles[0]!.begin).toBe(0);
        expect(tiles.at(-1)!.end).toBe(frames);
        tiles.forEach(({ begin, end }, index) => {
          expect(end - begin).toBeLessThanOrEqual(tileFrames);
          if (index > 0) expect(begin).toBe(tiles[index - 1]!.end - 1);
        });
      }),
    );
  });

  it('gives as many latent frames as one pass over the clip, and no tile without a latent of its own', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400 }), fc.integer({ min: 1, max: 17 }), (frames, groups) => {
        const kept = temporalTiles(frames, 4 * groups + 1, 4).map(
          ({ begin, end }) => Math.ceil((end - begin) / 4) - (begin > 0 ? 1 : 0),
        );
        expect(Math.min(...kept)).toBeGreaterThan(0);
        expect(kept.reduce((sum, latents) => sum + latents, 0)).toBe(Math.ceil(frames / 4));
      }),
    );
  });

  it.each([
    [1, [[0, 1]]],
    [33, [[0, 33]]],
    [34, [[0, 33]]],
    [36, [[0, 33]]],
    [
      37,
      [
        [0, 33],
        [32, 37],
      ],
    ],
    [
      41,
      [
        [0, 33],
        [32, 41],
      ],
    ],
    [
      81,
      [
        [0, 33],
        [32, 65],
        [64, 81],
      ],
    ],
    [
      97,
      [
        [0, 33],
        [32, 65],
        [64, 97],
      ],
    ],
    [
      98,
      [
        [0, 33],
        [32, 65],
        [64, 97],
      ],
    ],
    [
      125,
      [
        [0, 33],
        [32, 65],
        [64, 97],
        [96, 125],
      ],
    ],
  ])('cuts %i frames for the encoder as the released code, less what it drops', (frames, expected) => {
    expect(pairs(frames, 33, 4)).toEqual(expected);
  });

  it.each([
    [
      11,
      9,
      [
        [0, 9],
        [8, 11],
      ],
    ],
    [
      25,
      9,
      [
        [0, 9],
        [8, 17],
        [16, 25],
      ],
    ],
    [
      32,
      9,
      [
        [0, 9],
        [8, 17],
        [16, 25],
        [24, 32],
      ],
    ],
    [11, 16, [[0, 11]]],
    [
      25,
      16,
      [
        [0, 16],
        [15, 25],
      ],
    ],
    [
      32,
      16,
      [
        [0, 16],
        [15, 31],
        [30, 32],
      ],
    ],
    [
      11,
      8,
      [
        [0, 8],
        [7, 11],
      ],
    ],
    [
      25,
      8,
      [
        [0, 8],
        [7, 15],
        [14, 22],
        [21, 25],
      ],
    ],
    [
      32,
      8,
      [
        [0, 8],
        [7, 15],
        [14, 22],
        [21, 29],
        [28, 32],
      ],
    ],
  ])('cuts %i latents by %i for the decoder as the released code', (latents, tileFrames, expected) => {
    expect(pairs(latents, tileFrames)).toEqual(expected);
  });

  it('refuses tiles without room for the overlap, and lengths that the stride does not divide', () => {
    expect(() => temporalTiles(97, 1)).toThrow(ConfigError);
    expect(() => temporalTiles(97, 1)).toThrow(/at least 2 for a one-frame overlap, but has 1/);
    expect(() => temporalTiles(97, 2.5)).toThrow(ConfigError);
    expect(() => temporalTiles(97, 32, 4)).toThrow(/1 \+ 4n frames, but has 32 \(try 33\)/);
    expect(() => temporalTiles(97, 33, 0)).toThrow(/temporalStride must be .* at least 1, but is 0/);
    expect(() => temporalTiles(0, 33)).toThrow(ShapeError);
  });
});
