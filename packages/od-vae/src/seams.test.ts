import { officialTiling, paperTiling } from '@od-vae/tiling';
import { describe, expect, it } from 'vitest';

import { reportSeams, scoreSeams, seamMask, seamsOf } from './seams.ts';

const strides = { time: 4, space: 8 };
const latents = (time: number, height = 32, width = 32) => ({ time, height, width });

describe('seamsOf', () => {
  it('finds the borders of 97 frames in groups of 33 at frames 33 and 65', () => {
    expect(seamsOf({ tiling: paperTiling, strides, latents: latents(25) })).toEqual({
      frames: [33, 65],
      rows: [],
      columns: [],
      blend: 0,
    });
  });

  it('finds the borders of the encoder and of the decoder where they differ, and those in space', () => {
    const seams = seamsOf({ tiling: officialTiling, strides, latents: latents(25) });
    expect(seams).toEqual({ frames: [33, 61, 65], rows: [224], columns: [224], blend: 32 });
  });

  it('finds none in a video of one group', () => {
    expect(seamsOf({ tiling: paperTiling, strides, latents: latents(9) }).frames).toEqual([]);
  });
});

describe('seamMask', () => {
  it('marks what two tiles share and 8 pixels beside it', () => {
    const mask = seamMask({ frames: [], rows: [], columns: [16], blend: 4 }, 40, 2)!;
    const expected = Array.from({ length: 40 }, (_, column) => (column >= 8 && column < 28 ? 1 : 0));
    expect([...mask]).toEqual([...expected, ...expected]);
  });

  it('is undefined where frames are whole', () => {
    expect(seamMask({ frames: [33], rows: [], columns: [], blend: 0 }, 40, 2)).toBeUndefined();
  });
});

describe('scoreSeams', () => {
  it('scores both sides of the mask, and nothing without one', () => {
    const picture = (value: number) => ({ width: 2, height: 1, data: Float32Array.of(0, 0, 0, value, 0, 0) });
    expect(scoreSeams(picture(0), picture(0.5), undefined)).toEqual({ nearTiles: undefined, awayFromTiles: undefined });
    const { nearTiles, awayFromTiles } = scoreSeams(picture(0), picture(0.5), Uint8Array.of(0, 1));
    expect(nearTiles).toBeCloseTo(-10 * Math.log10(0.25 / 3), 9);
    expect(awayFromTiles).toBe(100);
  });
});

describe('reportSeams', () => {
  it('puts four frames on either side of a border apart from the others', () => {
    const seams = { frames: [9], rows: [], columns: [], blend: 0 };
    const none = { nearTiles: undefined, awayFromTiles: undefined };
    const perFrame = Array.from({ length: 17 }, (_, frame) => ({ ...none, psnr: frame >= 5 && frame < 13 ? 20 : 30 }));
    expect(reportSeams(seams, perFrame)).toEqual({
      ...seams,
      psnrNearGroups: 20,
      psnrAwayFromGroups: 30,
      psnrNearTiles: undefined,
      psnrAwayFromTiles: undefined,
    });
  });

  it('has no such scores of a video without borders', () => {
    const seams = { frames: [], rows: [], columns: [], blend: 0 };
    expect(reportSeams(seams, [])).toMatchObject({ psnrNearGroups: undefined, psnrAwayFromGroups: undefined });
  });
});
