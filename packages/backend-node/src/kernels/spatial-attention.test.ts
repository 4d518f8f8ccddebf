import '@od-vae/kernel-suite';
import { largestDifference, useLeakGuard } from '@od-vae/test-utils';
import { describe, expect, it } from 'vitest';

import { noise, referenceOn } from '../../../backend-simd/fixtures/values.ts';
import { describeTensorflow, runOnTensorflow } from '../../fixtures/tensorflow.ts';
import { blocksOf } from './spatial-attention.ts';

describe('blocksOf', () => {
  it.each<[string, [number, number, number], [runs: number, blocks: number]]>([
    ['few tokens', [9, 100, 4], [1, 1]],
    ['many sequences', [9, 1500, 4], [2, 1]],
    ['many tokens', [2, 9000, 4], [2, 5]],
  ])('takes every query once, few scores at a time: %s', (_, shape, [runs, blocks]) => {
    const all = blocksOf(shape);
    expect(all).toHaveLength(runs);
    expect(all[0]).toHaveLength(blocks);
    const taken = all.flat().reduce((sum, { sequences, tokens }) => sum + sequences * tokens, 0);
    expect(taken).toBe(shape[0] * shape[1]);
    for (const { sequences, tokens } of all.flat()) expect(sequences * tokens * shape[1]).toBeLessThanOrEqual(2 ** 24);
  });
});

describeTensorflow('SpatialAttention and its gradient', () => {
  useLeakGuard();

  it.each([
    ['more sequences than are taken together', [8, 1450, 2]],
    ['more queries than are taken together', [1, 4100, 2]],
  ])('take %s', (_, shape) => {
    const inputs = { query: noise('query', shape), key: noise('key', shape), value: noise('value', shape) };
    for (const name of ['SpatialAttention', 'SpatialAttentionGrad']) {
      const given = name === 'SpatialAttention' ? inputs : { ...inputs, dy: noise('dy', shape) };
      const [results, expected] = [runOnTensorflow(name, given), referenceOn(name, given)];
      expect(results).toHaveLength(expected.length);
      results.forEach(({ values }, index) => {
        expect(largestDifference(values, expected[index]!.values)).toBeLessThan(2e-6);
      });
    }
  });
});
