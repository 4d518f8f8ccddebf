import { describe, expect, it } from 'vitest';

import { kernelParam, scaleParam } from './params.ts';
import { fromStored, toStored } from './stored-layout.ts';

describe('fromStored', () => {
  it('turns [out, in, time, height, width] to [time, height, width, in, out]', () => {
    const spec = kernelParam([2, 1, 2, 3, 2], 'weight', 'conv3d');
    const stored = Float32Array.from({ length: 24 }, (_, index) => index);
    const ours = fromStored(stored, spec);
    for (const [out, channel, time, column] of [
      [0, 0, 0, 0],
      [1, 2, 1, 1],
      [1, 0, 0, 1],
      [0, 2, 1, 0],
    ] as const) {
      const theirs = ((out * 3 + channel) * 2 + time) * 2 + column;
      expect(ours[((time * 2 + column) * 3 + channel) * 2 + out]).toBe(theirs);
    }
  });

  it('leaves a vector as it is', () => {
    const values = new Float32Array([1, 2, 3]);
    expect(fromStored(values, scaleParam(3))).toBe(values);
  });
});

describe('toStored', () => {
  it.each([
    ['conv3d', kernelParam([3, 3, 3, 4, 5], 'weight', 'conv3d')],
    ['conv2d', kernelParam([1, 3, 3, 4, 5], 'weight', 'conv2d')],
    ['plain', scaleParam(540)],
  ] as const)('undoes fromStored (%s)', (_, spec) => {
    const values = Float32Array.from({ length: spec.shape.reduce((a, b) => a * b, 1) }, (_value, index) => index);
    expect(toStored(fromStored(values, spec), spec)).toEqual(values);
    expect(fromStored(toStored(values, spec), spec)).toEqual(values);
  });
});
