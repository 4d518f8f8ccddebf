import { describe, expect, it } from 'vitest';

import { blockColumns, blockRows, chooseTile } from './matrix-tile.ts';

const GPU = {
  limits: {
    maxBufferSize: 2 ** 31,
    maxComputeInvocationsPerWorkgroup: 256,
    maxComputeWorkgroupStorageSize: 16384,
    maxStorageBufferBindingSize: 2 ** 31,
  },
  enoughBlocks: 32,
  fewThreads: false,
};

describe('chooseTile', () => {
  it.each([3, 8, 32, 128])(
    'gives four times the work to a quarter of the threads, of the same block: %i columns',
    (columns) => {
      const [many, few] = [
        chooseTile(GPU, 100_000, columns),
        chooseTile({ ...GPU, fewThreads: true }, 100_000, columns),
      ];
      expect([blockRows(few), blockColumns(few)]).toEqual([blockRows(many), blockColumns(many)]);
      expect(4 * few.down * few.across).toBe(many.down * many.across);
    },
  );

  it('leaves no large block half empty', () => {
    expect(blockRows(chooseTile(GPU, 64, 128, 36))).toBe(32);
    expect(blockRows(chooseTile(GPU, 128, 128, 36))).toBe(128);
  });

  it.each([
    ['few channels', GPU, 100_000, 3, [128, 4]],
    ['some channels', GPU, 100_000, 8, [64, 16]],
    ['twice as many', GPU, 100_000, 32, [128, 32]],
    ['many pixels and channels', GPU, 100_000, 128, [128, 64]],
    ['few pixels', GPU, 1000, 128, [32, 32]],
    ['few pixels where software stands for a GPU', { ...GPU, enoughBlocks: 2 }, 1000, 128, [128, 64]],
    [
      'a small device',
      { ...GPU, limits: { ...GPU.limits, maxComputeWorkgroupStorageSize: 8192 } },
      100_000,
      128,
      [32, 32],
    ],
  ])('takes for %s blocks that suit', (_, device, rows, columns, block) => {
    const tile = chooseTile(device, rows, columns);
    expect([blockRows(tile), blockColumns(tile)]).toEqual(block);
  });
});
