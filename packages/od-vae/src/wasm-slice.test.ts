import { largestDifference, useLeakGuard } from '@od-vae/test-utils';
import { memory, slice, tensor, tidy } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';

import { useBackend } from './backend.ts';
import { replaceWasmSlice } from './wasm-slice.ts';

beforeAll(async () => {
  await useBackend('wasm');
});
useLeakGuard();

const counting = (length: number) => Float32Array.from({ length }, (_, index) => index);

describe('replaceWasmSlice', () => {
  it.each([
    ['one run of numbers', [1, 0, 0], [1, 3, 4], Array.from({ length: 12 }, (_, index) => 12 + index)],
    ['a part of one row', [1, 2, 1], [1, 1, 2], [21, 22]],
    ['numbers that lie apart', [0, 1, 2], [2, 1, 2], [6, 7, 18, 19]],
    ['everything to the end', [1, 1, 0], [1, -1, -1], [16, 17, 18, 19, 20, 21, 22, 23]],
  ])('slices %s', (_, begin, size, expected) => {
    tidy(() => {
      const part = slice(tensor(counting(24), [2, 3, 4]), begin, size);
      expect(largestDifference(part.dataSync(), expected)).toBe(0);
    });
  });

  it('slices whole numbers too', () => {
    tidy(() => {
      const part = slice(tensor([1, 2, 3, 4], [4], 'int32'), [1], [2]);
      expect([part.dtype, ...part.dataSync()]).toEqual(['int32', 2, 3]);
    });
  });

  it('gives memory of its own', () => {
    const whole = tensor(counting(6), [6]);
    const part = slice(whole, [2], [3]);
    whole.dispose();
    const other = tensor(new Float32Array(6).fill(9), [6]);
    expect([...part.dataSync()]).toEqual([2, 3, 4]);
    for (const one of [part, other]) one.dispose();
    expect(memory().numTensors).toBe(0);
  });

  it('may be called again', () => {
    replaceWasmSlice();
    tidy(() => {
      expect([...slice(tensor(counting(4), [4]), [1], [2]).dataSync()]).toEqual([1, 2]);
    });
  });
});
