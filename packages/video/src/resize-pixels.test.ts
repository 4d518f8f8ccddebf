import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { resizePixels } from './resize-pixels.ts';

interface PillowReference {
  readonly width: number;
  readonly height: number;
  readonly input: readonly number[];
  readonly outputs: readonly { readonly width: number; readonly height: number; readonly data: readonly number[] }[];
}

const reference = JSON.parse(
  readFileSync(new URL('fixtures/resize-pillow.json', import.meta.url), 'utf8'),
) as PillowReference;

describe('resizePixels', () => {
  it('keeps one colour, whatever the sizes', () => {
    const flat = { width: 17, height: 11, data: new Uint8Array(17 * 11 * 3).fill(93) };
    for (const [width, height] of [
      [5, 3],
      [40, 2],
      [1, 1],
    ] as const) {
      expect(new Set(resizePixels(flat, width, height).data)).toEqual(new Set([93]));
    }
  });

  it('keeps a picture that has the size already', () => {
    const picture = { width: 2, height: 1, data: Uint8Array.of(1, 2, 3, 4, 5, 6) };
    expect(resizePixels(picture, 2, 1)).toBe(picture);
  });

  it('counts every input pixel when it shrinks', () => {
    const data = new Uint8Array(16 * 3).fill(0);
    data.fill(255, 15, 18);
    const [first] = resizePixels({ width: 16, height: 1, data }, 2, 1).data;
    expect(first).toBeGreaterThan(0);
  });

  it.each(reference.outputs)(
    "agrees with Pillow's bilinear at $width x $height within 1",
    ({ width, height, data }) => {
      const input = { width: reference.width, height: reference.height, data: Uint8Array.from(reference.input) };
      const actual = resizePixels(input, width, height).data;
      expect(actual).toHaveLength(data.length);
      expect(Math.max(...data.map((value, index) => Math.abs(value - actual[index]!)))).toBeLessThanOrEqual(1);
    },
  );
});
