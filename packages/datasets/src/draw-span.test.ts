import { uniformSource } from '@od-vae/core/base';
import { describe, expect, it } from 'vitest';

import { drawSpan } from './draw-span.ts';

describe('drawSpan', () => {
  it.each(['centre', 'random'] as const)(
    'stays within the picture, in both directions, and is at rest without pan: %s',
    (crop) => {
      const random = uniformSource(1);
      const travels = Array.from({ length: 200 }, () => {
        const { start, travel } = drawSpan(40, 16, { frames: 5, crop, pan: 8 }, random);
        for (const edge of [start, start + travel]) {
          expect(edge).toBeGreaterThanOrEqual(0);
          expect(edge).toBeLessThanOrEqual(24);
        }
        return travel;
      });
      // Four steps of 8 px are more than there is room for.
      expect([Math.min(...travels), Math.max(...travels)]).toEqual([-24, 24]);
      expect(new Set(travels).size).toBeGreaterThan(20);
      expect(drawSpan(40, 16, { frames: 5, crop, pan: 0 }, random).travel).toBe(0);
    },
  );

  it('has the middle of its way in the centre', () => {
    expect(drawSpan(40, 16, { frames: 5, crop: 'centre', pan: 2 }, () => 0.99)).toEqual({ start: 8, travel: 8 });
    expect(drawSpan(40, 16, { frames: 5, crop: 'centre', pan: 2 }, () => 0)).toEqual({ start: 16, travel: -8 });
  });

  it('stays where it is in a single picture', () => {
    expect(drawSpan(40, 16, { frames: 1, crop: 'random', pan: 8 }, () => 0.5)).toEqual({ start: 12, travel: 0 });
  });
});
