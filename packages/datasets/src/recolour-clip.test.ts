import { uniformSource } from '@od-vae/core/base';
import { describe, expect, it } from 'vitest';

import type { VideoClip } from './crop-clip.ts';
import { recolourClip } from './recolour-clip.ts';

/** Every level once, in each channel another order of them. */
const clip: VideoClip = {
  frames: 1,
  height: 16,
  width: 16,
  data: Uint8Array.from({ length: 3 * 256 }, (_, i) => [i / 3, 255 - (i - 1) / 3, ((i - 2) / 3) ^ 85][i % 3]!),
};
const channel = ({ data }: VideoClip, index: number) => data.filter((_, i) => i % 3 === index);

describe('recolourClip', () => {
  it('moves whole channels, and keeps the order of levels within each', () => {
    const targets = new Set<string>();
    for (let seed = 0; seed < 40; seed++) {
      const after = recolourClip(clip, uniformSource(seed));
      const sources = [0, 1, 2].map((index) => {
        const moved = channel(after, index);
        return [0, 1, 2].find((source) => {
          const before = channel(clip, source);
          const sorted = [...before.keys()].toSorted((a, b) => before[a]! - before[b]!);
          return sorted.every((at, i) => i === 0 || moved[at]! >= moved[sorted[i - 1]!]!);
        });
      });
      expect(new Set(sources)).toEqual(new Set([0, 1, 2]));
      targets.add(sources.join());
    }
    expect(targets.size).toBe(6);
  });

  it('leaves the clip that it was given as it was', () => {
    const before = clip.data.slice();
    const after = recolourClip(clip, uniformSource(3));
    expect(clip.data).toEqual(before);
    expect(after).toMatchObject({ frames: 1, height: 16, width: 16 });
  });

  it('changes nothing where contrast is one and nothing is added', () => {
    const middle = [0, 0.5, 0.5];
    expect(recolourClip(clip, () => middle.shift()!).data).toEqual(clip.data);
  });
});
