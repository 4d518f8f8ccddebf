import '@tensorflow/tfjs-backend-cpu';
import { memory, tensor4d } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

import { blendEdge } from './blend-edge.ts';

const column = (values: number[]) => tensor4d(values, [1, values.length, 1, 1]);
const row = (values: number[]) => tensor4d(values, [1, 1, values.length, 1]);

describe('blendEdge', () => {
  it('begins with the other tile alone and fades towards this one', () => {
    const blended = blendEdge(column([0, 0, 8, 8, 8, 8]), column([0, 0, 0, 0, 5]), 4, 1);
    expect([...blended.dataSync()]).toEqual([8, 6, 4, 2, 5]);
    expect(blended.shape).toEqual([1, 5, 1, 1]);
  });

  it('does the same along columns', () => {
    expect([...blendEdge(row([4, 4]), row([0, 0, 7]), 2, 2).dataSync()]).toEqual([4, 2, 7]);
  });

  it('blends no more than the shorter tile has', () => {
    expect([...blendEdge(column([1, 2, 3]), column([9, 9]), 32, 1).dataSync()]).toEqual([2, 6]);
    expect([...blendEdge(column([3]), column([9, 9]), 32, 1).dataSync()]).toEqual([3, 9]);
  });

  it('gives the tile unchanged where nothing is shared, and leaves nothing else behind', () => {
    const [before, tile] = [column([1, 2]), column([3, 4])];
    const tensors = memory().numTensors;
    const same = blendEdge(before, tile, 0, 1);
    expect([...same.dataSync()]).toEqual([3, 4]);
    blendEdge(before, tile, 1, 1).dispose();
    same.dispose();
    expect(memory().numTensors).toBe(tensors);
    expect(tile.isDisposed).toBe(false);
  });
});
