import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { convolutionGeometry } from '../kernels/causal-conv3d.ts';
import { winogradLayout, winogradOf } from './winograd-layout.ts';
import { winogradTiles } from './winograd-tiles.ts';

const block = { rows: 4, columns: 8, grouped: false };

const geometryOf = (frames: number, taps: number, pixels = 8, channels = 128) =>
  convolutionGeometry([1, frames, pixels, pixels, channels], [taps, 3, 3, channels, 8], {
    strides: [1, 1, 1],
    border: 'around',
  });

const layoutsOf = (frames: number, taps: number, pixels?: number) => {
  const geometry = geometryOf(frames, taps, pixels);
  return winogradTiles(geometry, { blockColumns: 8, threads: 1 }).map((tile) => winogradLayout(geometry, tile, block));
};

/** Products of one patch of one tile's frames. */
const products = ({ runs }: ReturnType<typeof winogradLayout>) =>
  runs.reduce((sum, { frames, stretches }) => sum + frames * stretches.flat().length, 0);

describe('winogradOf', () => {
  it.each([
    [16, 4],
    [32, 4],
    [64, 6],
    [128, 6],
    [6, 6],
    [8, 4],
  ])('gives images of %i rows and columns the patches that leave fewer products, of %i', (pixels, outputs) => {
    expect(winogradOf(geometryOf(1, 1, pixels)).outputs).toBe(outputs);
  });
});

describe('winogradLayout', () => {
  it('makes a first frame by one product and each two frames after it by four', () => {
    for (const [frames, expected] of [
      [1, 1],
      [5, 1 + 2 * 4],
      [9, 1 + 4 * 4],
      [17, 1 + 8 * 4],
      [2, 1 + 2],
      [4, 1 + 4 + 3],
    ] as const) {
      const all = layoutsOf(frames, 3).reduce((sum, layout) => sum + products(layout), 0);
      expect(all, `${frames} frames`).toBe(expected);
    }
  });

  it('pairs no frames where one or four taps read them', () => {
    for (const taps of [1, 4]) expect(layoutsOf(9, taps).every(({ pairs }) => pairs === undefined)).toBe(true);
  });

  it('pairs no frames of few channels', () => {
    const geometry = geometryOf(9, 3, 8, 64);
    const [tile] = winogradTiles(geometry, { blockColumns: 8, threads: 1 });
    expect(winogradLayout(geometry, tile!, block).pairs).toBeUndefined();
  });

  it('gives each output frame rows of its own, inside the products', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 3, max: 40 }),
        (...of) => {
          for (const { tile, outputRows, patches, productRows } of layoutsOf(...of)) {
            expect(outputRows).toHaveLength(tile.frames);
            const sorted = outputRows.toSorted((a, b) => a - b);
            sorted.forEach((row, index) => expect(row + patches).toBeLessThanOrEqual(sorted[index + 1] ?? productRows));
          }
        },
      ),
    );
  });

  it('reads only frames of the clip, and weights that are there', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 4 }), (frames, taps) => {
        for (const layout of layoutsOf(frames, taps)) {
          const read = layout.reads.flatMap(({ frame, other }) => [frame, other?.frame ?? frame]);
          expect(Math.min(...read)).toBeGreaterThanOrEqual(0);
          expect(Math.max(...read)).toBeLessThan(layout.frames);
          for (const run of layout.runs) {
            for (const term of run.stretches.flat()) {
              expect(term.weights).toBeLessThan(layout.transformed.length);
              expect(term.read + run.frames).toBeLessThanOrEqual(layout.reads.length);
            }
          }
        }
      }),
    );
  });
});
