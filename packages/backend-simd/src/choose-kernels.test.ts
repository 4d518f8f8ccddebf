import { ConfigError } from '@od-vae/core';
import { describe, expect, it } from 'vitest';

import { chooseKernels } from './choose-kernels.ts';

describe('chooseKernels', () => {
  it.each(['plain', 'relaxed', 'wide'] as const)(
    'takes the level that is asked for, %s, and exports each kernel once',
    (level) => {
      const kernels = chooseKernels(level);
      expect(kernels.level).toBe(level);
      const names = WebAssembly.Module.exports(kernels.module).map(({ name }) => name);
      expect(new Set(names).size).toBe(names.length);
      expect(names).toEqual(
        expect.arrayContaining(['gemm', 'gemmGroups', 'winogradInput4', 'Add', 'moments', 'scaleSilu', 'exponentials']),
      );
    },
  );

  it('finds relaxed SIMD or better by itself, on Node 20 too, once', () => {
    expect(chooseKernels().level).not.toBe('plain');
    expect(chooseKernels()).toBe(chooseKernels());
  });

  it('refuses a level that it does not know', () => {
    expect(() => chooseKernels('avx512')).toThrow(
      new ConfigError('simd: OD_VAE_SIMD must be wide, relaxed, plain, but is "avx512".'),
    );
  });
});
