import { describe, expect, it } from 'vitest';

import { cropClip, halfToEven } from './crop-clip.ts';

/** Pixels that are numbered in their first channel, over two frames. */
const clip = {
  frames: 2,
  height: 3,
  width: 4,
  data: Uint8Array.from({ length: 2 * 12 * 3 }, (_, index) => (index % 3 === 0 ? index / 3 : 0)),
};
const still = { start: 1, travel: 0 };
const pixels = ({ data }: { data: Uint8Array }) => [...data].filter((_, index) => index % 3 === 0);

describe('cropClip', () => {
  it('cuts the same window out of every frame', () => {
    const cut = cropClip(clip, { columns: still, rows: still, size: 2, mirrored: false });
    expect(cut).toMatchObject({ frames: 2, width: 2, height: 2 });
    expect(pixels(cut)).toEqual([5, 6, 9, 10, 17, 18, 21, 22]);
  });

  it('cuts a window that moves to its end in the last frame', () => {
    const cut = cropClip(clip, {
      columns: { start: 2, travel: -2 },
      rows: { start: 0, travel: 1 },
      size: 2,
      mirrored: false,
    });
    expect(pixels(cut)).toEqual([2, 3, 6, 7, 16, 17, 20, 21]);
  });

  it('mirrors rows, not frames', () => {
    const cut = cropClip(clip, { columns: still, rows: still, size: 2, mirrored: true });
    expect(pixels(cut)).toEqual([6, 5, 10, 9, 18, 17, 22, 21]);
  });
});

describe('halfToEven', () => {
  it('rounds a half to the even number', () => {
    expect([0, 1, 2, 3, 4, 5, 7].map(halfToEven)).toEqual([0, 0, 1, 2, 2, 2, 4]);
  });
});
