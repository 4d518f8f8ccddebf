import { assert, double, integer, property } from 'fast-check';
import { describe, expect, it } from 'vitest';

import { frameWindow } from './frame-window.ts';

describe('frameWindow', () => {
  it('takes consecutive frames at rate 1 and leaves out frames at rate 3', () => {
    expect(frameWindow(100, { frames: 4 }, () => 0)).toEqual([0, 1, 2, 3]);
    // numpy.linspace(0, 11, 4) = 0, 3.67, 7.33, 11.
    expect(frameWindow(100, { frames: 4, sampleRate: 3 }, () => 0)).toEqual([0, 3, 7, 11]);
  });

  it('begins at the latest where the authors do: one frame before the last window', () => {
    expect(frameWindow(10, { frames: 4 }, () => 0.9999)).toEqual([5, 6, 7, 8]);
  });

  it('repeats frames of a video that is too short', () => {
    expect(frameWindow(2, { frames: 5 }, () => 0.5)).toEqual([0, 0, 0, 0, 1]);
    expect(frameWindow(7, { frames: 1 }, () => 0)).toEqual([0]);
  });

  it('draws the rate as well where it is dynamic', () => {
    const numbers = [0.99, 0];
    expect(frameWindow(100, { frames: 3, sampleRate: 2, dynamicRate: true }, () => numbers.shift()!)).toEqual([
      0, 2, 5,
    ]);
  });

  it('stays inside the video and never goes back', () => {
    const below = double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    const small = (max: number) => integer({ min: 1, max });
    assert(
      property(small(300), small(40), small(4), below, (total, frames, sampleRate, chance) => {
        const indices = frameWindow(total, { frames, sampleRate }, () => chance);
        expect(indices).toHaveLength(frames);
        expect(Math.min(...indices)).toBeGreaterThanOrEqual(0);
        expect(Math.max(...indices)).toBeLessThan(total);
        expect(indices).toEqual(indices.toSorted((a, b) => a - b));
        expect(indices.at(-1)! - indices[0]!).toBeLessThan(frames * sampleRate);
      }),
    );
  });
});
