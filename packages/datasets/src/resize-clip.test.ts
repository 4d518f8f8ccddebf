import { describe, expect, it } from 'vitest';

import type { VideoClip } from './crop-clip.ts';
import { resizeClip } from './resize-clip.ts';

/** Frames of one level each. */
const clip: VideoClip = {
  frames: 3,
  height: 4,
  width: 4,
  data: Uint8Array.from({ length: 3 * 48 }, (_, i) => 50 * Math.floor(i / 48)),
};

describe('resizeClip', () => {
  it.each([2, 6])('resizes each frame by itself, to %i px', (size) => {
    const resized = resizeClip(clip, size);
    expect(resized).toMatchObject({ frames: 3, height: size, width: size });
    const pixels = 3 * size * size;
    expect([...resized.data]).toEqual(Array.from({ length: 3 * pixels }, (_, i) => 50 * Math.floor(i / pixels)));
  });

  it('gives back a clip that has the size already', () => {
    expect(resizeClip(clip, 4)).toBe(clip);
  });
});
