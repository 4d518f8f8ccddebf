import { largestDifference } from '@od-vae/test-utils';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { averageInflation, diracKernel, type KernelSize, randomInflation, tailInflation } from './inflation.ts';

const sizes = fc.record({
  channels: fc.integer({ min: 1, max: 6 }),
  time: fc.integer({ min: 1, max: 4 }),
  area: fc.constantFrom(1, 9),
});

const kernelOf = ({ channels, area }: KernelSize): Float32Array =>
  Float32Array.from({ length: channels * area }, (_, index) => Math.sin(index + 1));

/** One tap of a 3D kernel, in the order of the 2D kernel. */
const tapOf = (kernel: Float32Array, tap: number, { channels, time, area }: KernelSize): number[] =>
  Array.from({ length: channels }, (_, pair) => [
    ...kernel.subarray((pair * time + tap) * area, (pair * time + tap + 1) * area),
  ]).flat();

const sumOfTaps = (kernel: Float32Array, size: KernelSize): number[] => {
  const taps = Array.from({ length: size.time }, (_, tap) => tapOf(kernel, tap, size));
  return taps[0]!.map((_, index) => taps.reduce((sum, tap) => sum + tap[index]!, 0));
};

describe.each([
  ['tailInflation', tailInflation],
  ['averageInflation', averageInflation],
])('%s', (_, inflate) => {
  it("has taps that sum to the 2D kernel, the paper's condition for images", () => {
    fc.assert(
      fc.property(sizes, (size) => {
        const kernel = kernelOf(size);
        const inflated = inflate(kernel, size);
        expect(inflated).toHaveLength(size.channels * size.time * size.area);
        expect(largestDifference(sumOfTaps(inflated, size), kernel)).toBeLessThan(1e-6);
      }),
    );
  });

  it('leaves a kernel of one tap as it was, and its argument alone', () => {
    const size = { channels: 2, time: 1, area: 9 };
    const kernel = kernelOf(size);
    expect(inflate(kernel, size)).toEqual(kernelOf(size));
    inflate(kernel, { ...size, time: 3 });
    expect(kernel).toEqual(kernelOf(size));
  });
});

describe('tailInflation', () => {
  it('puts the 2D kernel into the newest tap and zeros into the older ones', () => {
    const size = { channels: 2, time: 3, area: 2 };
    expect([...tailInflation(new Float32Array([1, 2, 3, 4]), size)]).toEqual([0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 3, 4]);
  });
});

describe('averageInflation', () => {
  it('shares the 2D kernel evenly among the taps', () => {
    const size = { channels: 2, time: 2, area: 2 };
    expect([...averageInflation(new Float32Array([2, 4, 6, 8]), size)]).toEqual([1, 2, 1, 2, 3, 4, 3, 4]);
  });
});

describe('randomInflation', () => {
  const size = { channels: 100, time: 3, area: 9 };
  const kernel = kernelOf(size);

  it('draws Gaussian taps of the deviation asked for', () => {
    for (const [options, deviation] of [
      [{}, 0.02],
      [{ deviation: 0.5 }, 0.5],
    ] as const) {
      const values = randomInflation(options)(kernel, size);
      const variance = values.reduce((sum, value) => sum + value * value, 0) / values.length;
      expect(values).toHaveLength(2700);
      expect(Math.abs(Math.sqrt(variance) / deviation - 1)).toBeLessThan(0.05);
    }
  });

  it('keeps kernels of one tap', () => {
    expect(randomInflation()(kernel, { ...size, time: 1 })).toEqual(kernel);
  });

  it('repeats itself for a seed, differs for another, and from kernel to kernel', () => {
    const first = randomInflation({ seed: 1 });
    const values = first(kernel, size);
    expect(randomInflation({ seed: 1 })(kernel, size)).toEqual(values);
    expect(randomInflation({ seed: 2 })(kernel, size)).not.toEqual(values);
    expect(first(kernel, size)).not.toEqual(values);
  });
});

describe('diracKernel', () => {
  it('passes the newest frame of each channel on unchanged', () => {
    const kernel = diracKernel(2, 3, 3, 3);
    const at = (out: number, channel: number, tap: number, row: number, column: number) =>
      kernel[(((out * 2 + channel) * 3 + tap) * 3 + row) * 3 + column];
    expect(at(0, 0, 2, 1, 1)).toBe(1);
    expect(at(1, 1, 2, 1, 1)).toBe(1);
    expect(kernel.reduce((sum, value) => sum + value, 0)).toBe(2);
  });
});
