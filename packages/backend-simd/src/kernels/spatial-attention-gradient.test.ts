import '@od-vae/layers';
import '@tensorflow/tfjs-layers';
import { useBackend, useLeakGuard } from '@od-vae/test-utils';
import * as fc from 'fast-check';
import { describe, it } from 'vitest';

import { useAllBackends } from '../../fixtures/backends.ts';
import { noise } from '../../fixtures/values.ts';
import { spatialAttentionGrad } from './spatial-attention-gradient.ts';

useBackend('cpu');
useLeakGuard();
const expectReference = useAllBackends();

function inputsOf(shape: number[], size = 1) {
  const scaled = (key: string) => ({ shape, values: noise(key, shape).values.map((value) => value * size) });
  return { query: scaled('query'), key: scaled('key'), value: noise('value', shape), dy: noise('dy', shape) };
}

describe('SpatialAttentionGrad', () => {
  it('is the gradient of the reference for any shape', () => {
    const shapes = fc.tuple(
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 40 }),
      fc.constantFrom(1, 3, 4, 8, 13, 32),
    );
    fc.assert(
      fc.property(shapes, (shape) => expectReference(spatialAttentionGrad, inputsOf(shape), {}, 5e-6)),
      { numRuns: 40 },
    );
  });

  it.each([1, 2])('takes more tokens than one part of queries, in %i sequences', (sequences) => {
    expectReference(spatialAttentionGrad, inputsOf([sequences, 331, 20]), {}, 5e-6);
  });

  it('takes scores far beyond the range of e^x', () => {
    expectReference(spatialAttentionGrad, inputsOf([1, 37, 16], 30), {}, 5e-3);
  });
});
