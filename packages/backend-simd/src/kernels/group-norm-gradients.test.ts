import '@od-vae/layers';
import '@tensorflow/tfjs-layers';
import { useBackend, useLeakGuard } from '@od-vae/test-utils';
import * as fc from 'fast-check';
import { describe, it } from 'vitest';

import { useAllBackends } from '../../fixtures/backends.ts';
import { noise } from '../../fixtures/values.ts';
import { groupNormGrad, groupNormSiluGrad } from './group-norm-gradients.ts';

useBackend('cpu');
useLeakGuard();
const expectReference = useAllBackends();

function inputsOf(shape: number[]) {
  const channels = [shape.at(-1)!];
  return {
    x: noise('x', shape),
    scale: noise('scale', channels),
    bias: noise('bias', channels),
    dy: noise('dy', shape),
  };
}

describe.each([groupNormGrad, groupNormSiluGrad])('$kernelName', (kernel) => {
  const size = fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 5 }), fc.integer({ min: 2, max: 5 }));

  it('is the gradient of the reference for any shape and number of groups', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2 }),
        size,
        fc.constantFrom(1, 2, 3, 4, 32),
        fc.constantFrom(1, 2, 3, 4),
        (batch, extent, groups, perGroup) => {
          // A group of two numbers that are nearly alike is divided by their difference: rounding grows with it.
          const inputs = inputsOf([batch, ...extent, groups * perGroup]);
          expectReference(kernel, inputs, { groups, epsilon: 1e-2 }, 2e-4);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('takes a clip of several chunks', () => {
    expectReference(kernel, inputsOf([2, 3, 41, 43, 24]), { groups: 8, epsilon: 1e-6 }, 2e-4);
  });
});
