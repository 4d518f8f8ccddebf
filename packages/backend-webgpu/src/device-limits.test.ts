import { BackendError } from '@od-vae/core';
import { describe, expect, it } from 'vitest';

import { assertGroupsFit, assertTensorFits } from './device-limits.ts';

const LIMITS = {
  maxBufferSize: 2 ** 31,
  maxStorageBufferBindingSize: 2 ** 27,
  maxComputeWorkgroupsPerDimension: 100,
};

describe('assertTensorFits', () => {
  it('lets pass what one buffer holds, and says what is needed of what does not', () => {
    assertTensorFits('conv', LIMITS, [2 ** 25]);
    expect(() => assertTensorFits('conv', LIMITS, [1, 25, 256, 256, 128])).toThrow(
      new BackendError(
        'conv: a tensor [1,25,256,256,128] needs 800 MiB in one buffer, but this GPU has at most 128 MiB; ' +
          'smaller tiles (fewer frames or pixels at a time) need less.',
      ),
    );
  });
});

describe('assertGroupsFit', () => {
  it.each([
    [1, 1, [1, 1, 1]],
    [100, 100, [100, 1, 100]],
    [101, 1, [51, 2, 1]],
    [10_000, 1, [100, 100, 1]],
  ])('spreads %i workgroups in %i layers', (count, layers, expected) => {
    expect(assertGroupsFit('conv', LIMITS, count, layers)).toEqual(expected);
  });

  it.each([
    [10_001, 1],
    [1, 101],
  ])('refuses %i workgroups in %i layers', (count, layers) => {
    expect(() => assertGroupsFit('conv', LIMITS, count, layers)).toThrow(
      `conv: ${count} x ${layers} workgroups are needed, but this GPU takes at most 100 in each dimension`,
    );
  });
});
