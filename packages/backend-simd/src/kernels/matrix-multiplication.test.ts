import '@od-vae/layers';
import { useBackend, useLeakGuard } from '@od-vae/test-utils';
import * as fc from 'fast-check';
import { describe, it } from 'vitest';

import { useAllBackends } from '../../fixtures/backends.ts';
import { noise } from '../../fixtures/values.ts';
import { batchMatMul, fusedMatMul } from './matrix-multiplication.ts';

useBackend('cpu');
useLeakGuard();
const expectStock = useAllBackends();

function inputsOf([rows, depth, columns]: number[], left: number[], right: number[], [a, b]: boolean[]) {
  return {
    a: noise('a', [...left, ...(a ? [depth!, rows!] : [rows!, depth!])]),
    b: noise('b', [...right, ...(b ? [columns!, depth!] : [depth!, columns!])]),
  };
}

describe('BatchMatMul', () => {
  const sizes = fc.tuple(...Array.from({ length: 3 }, () => fc.integer({ min: 1, max: 40 })));
  const batches = fc.constantFrom<[number[], number[]]>(
    [[], []],
    [[1], [1]],
    [[3], [3]],
    [
      [2, 3],
      [2, 3],
    ],
    [[1], [3]],
    [[3], [1]],
    [
      [2, 1],
      [1, 3],
    ],
    [[2], [3, 2]],
  );

  it('computes what the stock kernel does, for any sizes, transposed or not', () => {
    fc.assert(
      fc.property(sizes, batches, fc.tuple(fc.boolean(), fc.boolean()), (size, [left, right], turned) => {
        const attrs = { transposeA: turned[0], transposeB: turned[1] };
        expectStock(batchMatMul, inputsOf(size, left, right, turned), attrs, 2e-5);
      }),
      { numRuns: 60 },
    );
  });

  it('takes more rows, products and columns than one part', () => {
    const inputs = inputsOf([150, 523, 37], [1], [1], [false, false]);
    expectStock(batchMatMul, inputs, { transposeA: false, transposeB: false }, 1e-4);
    const wide = inputsOf([3, 20, 300], [1], [1], [true, true]);
    expectStock(batchMatMul, wide, { transposeA: true, transposeB: true }, 2e-5);
  });
});

describe('_FusedMatMul', () => {
  const inputs = { ...inputsOf([5, 7, 6], [1], [1], [false, false]), bias: noise('bias', [6]) };
  it.each([undefined, 'linear', 'relu'])('adds the bias, activation %s', (activation) => {
    expectStock(fusedMatMul, inputs, { transposeA: false, transposeB: false, activation }, 1e-5);
  });
});
