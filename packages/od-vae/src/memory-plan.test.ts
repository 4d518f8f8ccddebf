import { ConfigError } from '@od-vae/core';
import { parseConfig, variants } from '@od-vae/models';
import { officialTiling, planTiles } from '@od-vae/tiling';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { planTiling, tilingText } from './memory-plan.ts';

const config = parseConfig(variants[4]);
const request = { config, backend: 'simd' };
const hd = { width: 1920, height: 1080 };

describe('planTiling', () => {
  it("keeps the paper's groups of whole frames where they fit", () => {
    const { tiling, limit } = planTiling({ ...request, width: 256, height: 256, memory: 16e9 });
    expect(tiling).toEqual({ frames: 33, latents: 9 });
    expect(limit).toBe(16e9);
  });

  it('never plans for more than it may use, and plans what can be run', () => {
    const size = fc.record({ width: fc.integer({ min: 8, max: 4096 }), height: fc.integer({ min: 8, max: 4096 }) });
    fc.assert(
      fc.property(size, fc.integer({ min: 1e9, max: 2e11 }), ({ width, height }, memory) => {
        let plan;
        try {
          plan = planTiling({ ...request, width, height, memory });
        } catch (error) {
          expect(error).toBeInstanceOf(ConfigError);
          return;
        }
        expect(plan.memory.total).toBeLessThanOrEqual(memory);
        const fitted = (side: number) => Math.ceil(side / 8) * 8;
        const tiles = planTiles({
          direction: 'encode',
          tiling: plan.tiling,
          time: 40,
          width: fitted(width),
          height: fitted(height),
        });
        expect(tiles.count).toBeGreaterThan(0);
      }),
      { numRuns: 60, seed: 3 },
    );
  });

  it('cuts less the more it may use', () => {
    const areas = [4e9, 8e9, 16e9, 64e9, 512e9].map((memory) => {
      const { tiling } = planTiling({ ...request, ...hd, memory });
      const side = tiling.spatial?.sampleSize;
      return tiling.frames * (side ? side * side : hd.width * hd.height);
    });
    expect(areas).toEqual(areas.toSorted((a, b) => a - b));
    expect(areas.at(-1)).toBe(33 * hd.width * hd.height);
  });

  it('keeps a tiling that was asked for, or refuses it and says what would help', () => {
    expect(planTiling({ ...request, ...hd, tiling: officialTiling, memory: 64e9 }).tiling).toBe(officialTiling);
    expect(() => planTiling({ ...request, ...hd, tiling: { frames: 33, latents: 9 }, memory: 64e9 })).toThrow(
      ConfigError,
    );
    expect(() => planTiling({ ...request, ...hd, tiling: { frames: 33, latents: 9 }, memory: 64e9 })).toThrow(
      /^A video of 1920x1080 in tiles of 33 frames \(9 latent\), whole needs about [\d,]+ MB, but it may use 64,000 MB; use fewer frames a tile \(tileFrames\), smaller squares \(tileSize\), or leave the tiling to the memory option\.$/,
    );
  });

  it('refuses what fits in no way', () => {
    expect(() => planTiling({ ...request, ...hd, memory: 1e9 })).toThrow(
      /in the smallest tiles needs about [\d,]+ MB, but it may use 1,000 MB; allow more \(memory\), or make the picture smaller \(shortSide\)\.$/,
    );
  });

  it('does not ask what memory a GPU has', () => {
    const plan = planTiling({ ...request, backend: 'webgpu', width: 4096, height: 4096 });
    expect(plan).toMatchObject({ tiling: { frames: 33, latents: 9 }, limit: undefined });
  });

  it('cuts so that every tensor fits into a buffer of the GPU', () => {
    const gpu = { ...request, backend: 'webgpu', width: 256, height: 256 };
    expect(planTiling({ ...gpu, tensorBytes: 2 ** 32 }).tiling).toEqual({ frames: 33, latents: 9 });
    const { tiling, memory } = planTiling({ ...gpu, tensorBytes: 2 ** 31 - 4 });
    expect(tiling).toEqual({ frames: 17, latents: 5 });
    expect(memory.largestTensor).toBe(17 * 256 * 256 * 256 * 4);
    expect(planTiling({ ...gpu, ...hd, tensorBytes: 2 ** 27 }).memory.largestTensor).toBeLessThanOrEqual(2 ** 27);
  });

  it('refuses tensors that no buffer holds, and says what would help', () => {
    const gpu = { ...request, ...hd, backend: 'webgpu' };
    expect(() => planTiling({ ...gpu, tensorBytes: 2 ** 27, tiling: { frames: 33, latents: 9 } })).toThrow(
      'A video of 1920x1080 in tiles of 33 frames (9 latent), whole needs 70,072 MB in one tensor, but this GPU holds at ' +
        'most 135 MB; use fewer frames a tile (tileFrames), smaller squares (tileSize), or leave the tiling to the library.',
    );
    expect(() => planTiling({ ...gpu, tensorBytes: 2 ** 20 })).toThrow(
      /in the smallest tiles needs [\d,]+ MB in one tensor, but this GPU holds at most 2 MB; take another backend, or make/,
    );
  });
});

describe('tilingText', () => {
  it('says how a video is cut', () => {
    expect(tilingText({ frames: 33, latents: 9 })).toBe('33 frames (9 latent), whole');
    expect(tilingText(officialTiling)).toBe(
      '33 frames (16 latent) of 256x256 px that share 0.125, as the released code cuts',
    );
  });
});
