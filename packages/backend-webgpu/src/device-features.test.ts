import { describe, expect, it } from 'vitest';

import { isSoftware } from './device-features.ts';

describe('isSoftware', () => {
  it.each([
    ['Google', 'swiftshader', '', true],
    ['', 'llvmpipe', 'llvmpipe (LLVM 15.0.6, 256 bits)', true],
    ['microsoft', '', 'Microsoft Basic Render Driver (WARP)', true],
    ['nvidia', 'hopper', 'NVIDIA H200', false],
    ['apple', 'metal-3', '', false],
  ])('tells by the names of a device: %s %s %s', (vendor, architecture, description, expected) => {
    expect(isSoftware({ adapterInfo: { vendor, architecture, description } as GPUAdapterInfo })).toBe(expected);
  });
});
