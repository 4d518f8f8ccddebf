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

type Given = Partial<Record<'order' | 'saturation' | 'contrast' | 'offset', number>>;

interface Box {
  readonly within: Given;
  /** What its size and its place are drawn from. */
  readonly columns: readonly [number, number];
  readonly rows: readonly [number, number];
}

/** Random numbers that change nothing but what is given, in the order in which they are read. */
function numbers(given: Given, box?: Box): () => number {
  const colouring = ({ order = 0, saturation = 1 / 3, contrast = 0.5, offset = 0.5 }: Given) => {
    const [contrasts, offsets] = [contrast, offset].map((first) => [first, 0.5, 0.5]) as [number[], number[]];
    return [order, saturation, ...contrasts, ...offsets];
  };
  const { within, columns, rows } = box ?? { within: {}, columns: [0, 0], rows: [0, 0] };
  const all = [...colouring(given), ...colouring(within), box ? 0 : 0.9, ...columns, ...rows];
  return () => all.shift()!;
}

describe('recolourClip', () => {
  it('changes nothing where nothing is scaled or added', () => {
    expect(recolourClip(clip, numbers({})).data).toEqual(clip.data);
  });

  it('puts the channels in any order', () => {
    const orders = Array.from({ length: 6 }, (_, order) => {
      const after = recolourClip(clip, numbers({ order: order / 6 }));
      return [0, 1, 2].map((to) =>
        [0, 1, 2].find((from) => String(channel(after, to)) === String(channel(clip, from))),
      );
    });
    expect(new Set(orders.map(String)).size).toBe(6);
    for (const order of orders) expect(new Set(order)).toEqual(new Set([0, 1, 2]));
  });

  it('makes colours stronger or weaker, and leaves grey alone', () => {
    const pixels = { frames: 1, height: 1, width: 2, data: Uint8Array.of(90, 90, 90, 60, 100, 140) };
    expect([...recolourClip(pixels, numbers({ saturation: 2 / 3 })).data]).toEqual([90, 90, 90, 20, 100, 180]);
    expect([...recolourClip(pixels, numbers({ saturation: 0 })).data]).toEqual([90, 90, 90, 80, 100, 120]);
  });

  it('gives each channel its own contrast and brightness, within 0 to 255', () => {
    const pixels = { frames: 1, height: 1, width: 2, data: Uint8Array.of(28, 28, 28, 250, 250, 250) };
    expect([...recolourClip(pixels, numbers({ contrast: 1 })).data]).toEqual([0, 28, 28, 255, 250, 250]);
    expect([...recolourClip(pixels, numbers({ offset: 0 })).data]).toEqual([3, 28, 28, 225, 250, 250]);
  });

  it('gives a box colours of its own, in every frame', () => {
    const pixels = { frames: 2, height: 2, width: 4, data: new Uint8Array(48).fill(100) };
    const brighter: Box = { within: { offset: 1 }, columns: [0, 0.99], rows: [0, 0] };
    const red = recolourClip(pixels, numbers({}, brighter)).data.filter((_, i) => i % 3 === 0);
    const frame = [100, 100, 100, 125, 100, 100, 100, 100];
    expect([...red]).toEqual([...frame, ...frame]);
  });

  it('gives another clip for another seed, and leaves the one that it was given as it was', () => {
    const before = clip.data.slice();
    const all = [1, 2, 3].map((seed) => String(recolourClip(clip, uniformSource(seed)).data));
    expect(new Set(all).size).toBe(3);
    expect(clip.data).toEqual(before);
  });
});
