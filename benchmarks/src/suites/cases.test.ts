import { describe, expect, it } from 'vitest';

import { browserCases, kernelCases, modelCases, stepCases, variantFacts, webgpuCases } from './cases.ts';

const SETTINGS = { tiny: false, size: [17, 128, 128], variants: [1, 4] } as const;

describe('kernelCases', () => {
  it('counts two operations for each product of the direct algorithm', () => {
    const work = new Map(kernelCases(SETTINGS).map((one) => [one.title, one.work]));
    expect(work.get('3x3x3, 128 channels, 5x64x64')).toEqual({
      amount: 2 * 5 * 64 * 64 * 128 * 128 * 27,
      unit: 'FLOP',
    });
    expect(work.get('attention, 512 channels, 5x32x32')).toEqual({ amount: 4 * 5 * 1024 * 1024 * 512, unit: 'FLOP' });
    expect(work.get('group norm, SiLU, 128 channels, 5x64x64')).toEqual({ amount: 8 * 5 * 64 * 64 * 128, unit: 'B' });
  });
});

describe('all cases', () => {
  it.each([false, true])('have titles of their own (tiny: %s)', (tiny) => {
    const settings = { ...SETTINGS, tiny };
    for (const cases of [kernelCases, modelCases, stepCases, browserCases, webgpuCases]) {
      const titles = cases(settings).map(({ title }) => title);
      expect(new Set(titles).size).toBe(titles.length);
      expect(titles.length).toBeGreaterThan(0);
    }
  });
});

describe('variantFacts', () => {
  it.each([
    [1, 244_505_319],
    [2, 171_072_231],
    [3, 228_861_159],
    [4, 239_189_991],
  ] as const)("of variant %d are the paper's", (variant, parameters) => {
    expect(variantFacts(variant)).toEqual({ parameters, strides: [4, 8, 8] });
  });
});
