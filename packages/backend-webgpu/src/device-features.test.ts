import { describe, expect, it } from 'vitest';

import { isSoftware } from './device-features.ts';

describe('isSoftware', () => {
  it.each([
    ['Google', 'swiftshader', '', false, true],
    ['', 'llvmpipe', 'llvmpipe (LLVM 15.0.6, 256 bits)', false, true],
    ['microsoft', '', 'Microsoft Basic Render Driver (WARP)', false, true],
    ['', '', '', true, true],
    ['', '', '', false, false],
    ['nvidia', 'hopper', 'NVIDIA H200', false, false],
    ['apple', 'metal-3', '', false, false],
  ])(
    'is told by what a device says: %s %s %s, fallback %s',
    (vendor, architecture, description, fallback, expected) => {
      const adapterInfo = { vendor, architecture, description, isFallbackAdapter: fallback } as GPUAdapterInfo;
      expect(isSoftware({ adapterInfo })).toBe(expected);
    },
  );
});
