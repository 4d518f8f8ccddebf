import '@od-vae/layers';
import { useBackend, useLeakGuard } from '@od-vae/test-utils';
import * as fc from 'fast-check';
import { describe, it } from 'vitest';

import { useAllBackends } from '../../fixtures/backends.ts';
import { noise } from '../../fixtures/values.ts';
import { reductions } from './reductions.ts';

useBackend('cpu');
useLeakGuard();
const expectStock = useAllBackends();

describe.each(reductions)('$kernelName', (kernel) => {
  const name = kernel.kernelName === 'Max' ? 'reductionIndices' : 'axis';

  it('computes what the stock kernel does, over any axes', () => {
    const shape = fc.tuple(...Array.from({ length: 3 }, () => fc.integer({ min: 1, max: 9 })));
    fc.assert(
      fc.property(shape, fc.subarray([0, 1, 2], { minLength: 1 }), fc.boolean(), (extent, axes, keepDims) => {
        expectStock(kernel, { x: noise('x', extent) }, { [name]: axes, axis: axes, keepDims }, 1e-5);
      }),
      { numRuns: 30 },
    );
  });

  it.each([[[0, 1]], [[1]], [[0]]])('takes more numbers than one part, over %j', (axes) => {
    expectStock(kernel, { x: noise('x', [3, 150_001]) }, { [name]: axes, axis: axes, keepDims: false }, 1e-2);
  });
});
