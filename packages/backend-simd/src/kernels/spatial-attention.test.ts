import '@od-vae/layers';
import { useBackend, useLeakGuard } from '@od-vae/test-utils';
import * as fc from 'fast-check';
import { describe, it } from 'vitest';

import { useAllBackends } from '../../fixtures/backends.ts';
import { noise } from '../../fixtures/values.ts';
import { spatialAttention } from './spatial-attention.ts';

useBackend('cpu');
useLeakGuard();
const expectReference = useAllBackends();

function inputsOf(shape: number[], size = 1) {
  const scaled = (key: string) => ({ shape, values: noise(key, shape).values.map((value) => value * size) });
  return { query: scaled('query'), key: scaled('key'), value: scaled('value') };
}

describe('SpatialAttention', () => {
  it('computes its reference for any shape', () => {
    const shapes = fc.tuple(
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 1, max: 40 }),
      fc.constantFrom(1, 3, 4, 8, 13, 32),
    );
    fc.assert(
      fc.property(shapes, (shape) => expectReference(spatialAttention, inputsOf(shape), {}, 2e-6)),
      { numRuns: 40 },
    );
  });

  it('takes more tokens than one part of queries or of keys', () => {
    expectReference(spatialAttention, inputsOf([2, 531, 20]), {}, 2e-6);
  });

  it('takes scores far beyond the range of e^x', () => {
    expectReference(spatialAttention, inputsOf([1, 37, 16], 30), {}, 1e-3);
  });
});
