import { describe, expect, it } from 'vitest';
import { unpackPlanes } from './planar-picture.ts';
import { rgbToYuv } from './rgb-to-yuv.ts';
import type { Colour } from './types.ts';
import { yuvToRgb } from './yuv-to-rgb.ts';

const LIMITED_709: Colour = { matrix: 'bt709', range: 'limited' };

/** A one-pixel 4:4:4 picture. */
function pixel(samples: readonly number[], colour: Colour, bits = 8): number[] {
  const layout = { width: 1, height: 1, bits, chromaShift: [0, 0] as const };
  const data = bits > 8 ? Uint16Array.from(samples) : Uint8Array.from(samples);
  return [...yuvToRgb(unpackPlanes(data, layout), colour).data];
}

describe('yuvToRgb', () => {
  it.each<[string, number[], Colour, number[]]>([
    ['limited black', [16, 128, 128], LIMITED_709, [0, 0, 0]],
    ['limited white', [235, 128, 128], LIMITED_709, [255, 255, 255]],
    ['full white', [255, 128, 128], { matrix: 'bt601', range: 'full' }, [255, 255, 255]],
    ['BT.709 red', [63, 102, 240], LIMITED_709, [255, 1, 0]],
    ['BT.601 red', [81, 90, 240], { matrix: 'bt601', range: 'limited' }, [254, 0, 0]],
    ['BT.601 blue, full range', [29, 255, 107], { matrix: 'bt601', range: 'full' }, [0, 0, 254]],
    ['BT.2020 green', [164, 46, 25], { matrix: 'bt2020', range: 'limited' }, [0, 255, 0]],
    ['RGB in planes', [2, 3, 1], { matrix: 'rgb', range: 'full' }, [1, 2, 3]],
  ])('gives %s', (_name, samples, colour, expected) => {
    const actual = pixel(samples, colour);
    expect(Math.max(...actual.map((value, index) => Math.abs(value - expected[index]!)))).toBeLessThanOrEqual(1);
  });

  it('reads 10 bits as four times 8 bits', () => {
    const samples = [90, 100, 170];
    expect(
      pixel(
        samples.map((value) => 4 * value),
        LIMITED_709,
        10,
      ),
    ).toEqual(pixel(samples, LIMITED_709));
  });

  it('takes the chroma sample of the block a pixel lies in, at odd sides too', () => {
    const luma = Array.from({ length: 9 }, () => 126);
    const samples = Uint8Array.from([...luma, 128, 128, 128, 128, 128, 128, 128, 240]);
    const { data } = yuvToRgb(
      unpackPlanes(samples, { width: 3, height: 3, bits: 8, chromaShift: [1, 1] }),
      LIMITED_709,
    );
    const reds = Array.from({ length: 9 }, (_, index) => data[3 * index]);
    expect(reds).toEqual([128, 128, 128, 128, 128, 128, 128, 128, 255]);
  });

  it('repeats grey in all channels and lays transparency over white', () => {
    const layout = { width: 2, height: 1, bits: 8, chromaShift: [0, 0] as const };
    expect([...yuvToRgb(unpackPlanes(Uint8Array.of(16, 235), { ...layout, grey: true }), LIMITED_709).data]).toEqual([
      0, 0, 0, 255, 255, 255,
    ]);
    const samples = Uint8Array.of(16, 16, 128, 128, 128, 128, 255, 0);
    expect([...yuvToRgb(unpackPlanes(samples, { ...layout, alpha: true }), LIMITED_709).data]).toEqual([
      0, 0, 0, 255, 255, 255,
    ]);
  });

  it.each(['bt601', 'bt709'] as const)('undoes rgbToYuv in full chroma within 2 of 255 (%s)', (matrix) => {
    const levels = Array.from({ length: 52 }, (_, index) => 5 * index);
    const data = Uint8Array.from(
      levels.flatMap((red) => levels.flatMap((green) => levels.flatMap((blue) => [red, green, blue]))),
    );
    const size = { width: 52 * 52, height: 52 };
    const samples = rgbToYuv({ ...size, data }, matrix, 0);
    const back = yuvToRgb(unpackPlanes(samples, { ...size, bits: 8, chromaShift: [0, 0] }), {
      matrix,
      range: 'limited',
    });
    let largest = 0;
    for (const [index, value] of data.entries()) {
      largest = Math.max(largest, Math.abs(value - back.data[index]!));
    }
    expect(largest).toBeLessThanOrEqual(2);
    expect(largest).toBeGreaterThan(0);
  });
});
