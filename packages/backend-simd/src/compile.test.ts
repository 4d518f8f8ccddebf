import { ConfigError } from '@od-vae/core';
import { describe, expect, it } from 'vitest';

import { chooseLevel, compileKernels } from './compile.ts';

describe('chooseLevel', () => {
  it('takes the level that is asked for', () => {
    expect(chooseLevel('plain')).toBe('plain');
    expect(chooseLevel('relaxed')).toBe('relaxed');
  });

  it('finds relaxed SIMD by itself, on Node 20 too', () => {
    expect(chooseLevel()).toBe('relaxed');
  });

  it('refuses a level that it does not know', () => {
    expect(() => chooseLevel('avx512')).toThrow(
      new ConfigError('simd: OD_VAE_SIMD must be "plain" or "relaxed", but is "avx512".'),
    );
  });
});

describe('compileKernels', () => {
  it.each(['plain', 'relaxed'] as const)('exports every kernel, %s', (level) => {
    const names = WebAssembly.Module.exports(compileKernels(level)).map(({ name }) => name);
    expect(names).toEqual(['gemm', 'moments', 'scale', 'scaleSilu', 'largest', 'exponentials']);
  });
});
