import type { Progress } from '@od-vae/core';
import { describe, expect, it } from 'vitest';

import { coveredArea, tileProgress } from './tile-progress.ts';

function listen(total: number | undefined, framesOf: (items: number) => number) {
  const seen: Progress[] = [];
  return { seen, ...tileProgress('encode', { total, framesOf, onProgress: (progress) => seen.push(progress) }) };
}

describe('tileProgress', () => {
  it('counts the frames of groups that share one frame with the group before, up to the total', () => {
    const { seen, startGroup, onPart } = listen(17, (items) => items);
    for (const items of [9, 9]) {
      startGroup(items, 256);
      onPart(0.25, [1, items, 16, 16, 3]);
      onPart(0.75, [1, items, 16, 16, 3]);
    }
    expect(seen).toEqual([2.25, 9, 11, 17].map((done) => ({ phase: 'encode', done, total: 17 })));
  });

  it('counts frames where latents come in', () => {
    const { seen, startGroup, onPart } = listen(undefined, (items) => 4 * (items - 1) + 1);
    for (const items of [3, 2]) {
      startGroup(items, 4);
      onPart(1, [1, items, 2, 2, 4]);
    }
    expect(seen.map(({ done }) => done)).toEqual([9, 13]);
    expect(seen[0]!.total).toBeUndefined();
  });

  it('ends where its group ends, though tiles in space overlap', () => {
    const { seen, startGroup, onPart } = listen(5, (items) => items);
    const spatial = { sampleSize: 16, latentSize: 2, overlap: 0.5 };
    const area = coveredArea(
      { direction: 'encode', tiling: { frames: 5, latents: 2, spatial } },
      { time: 5, height: 24, width: 24 },
    );
    startGroup(5, area);
    for (let tile = 0; tile < 4; tile++) onPart(1, [1, 5, 16, 16, 3]);
    expect(seen.map(({ done }) => done)).toEqual([1.25, 2.5, 3.75, 5]);
  });

  it('never passes the end of its group', () => {
    const { seen, startGroup, onPart } = listen(5, (items) => items);
    startGroup(5, 24 * 24);
    for (let tile = 0; tile < 4; tile++) onPart(1, [1, 5, 16, 16, 3]);
    expect(seen.at(-1)!.done).toBe(5);
  });

  it('works without a listener', () => {
    const { startGroup, onPart } = tileProgress('encode', {
      total: 1,
      framesOf: (items) => items,
      onProgress: undefined,
    });
    startGroup(1, 64);
    expect(() => onPart(1, [1, 1, 8, 8, 3])).not.toThrow();
  });
});
