import '@od-vae/layers';
import '@tensorflow/tfjs-layers';
import { useBackend, useLeakGuard } from '@od-vae/test-utils';
import * as fc from 'fast-check';
import { describe, it } from 'vitest';

import { useAllBackends } from '../../fixtures/backends.ts';
import { clips, rounding } from '../../fixtures/convolutions.ts';
import { noise } from '../../fixtures/values.ts';
import {
  upsampleCausalConv3dBackpropBias,
  upsampleCausalConv3dBackpropFilter,
  upsampleCausalConv3dBackpropInput,
} from './upsample-causal-conv3d-gradients.ts';

useBackend('cpu');
useLeakGuard();
const expectReference = useAllBackends();

function inputsOf(x: number[], weight: number[], time: boolean) {
  const frames = time ? 2 * x[1]! - 1 : x[1]!;
  const dy = [x[0]!, frames, 2 * x[2]!, 2 * x[3]!, weight[4]!];
  return { x: noise('x', x), weight: noise('weight', weight), bias: noise('bias', [weight[4]!]), dy: noise('dy', dy) };
}

describe.each([
  [upsampleCausalConv3dBackpropInput, 4e3],
  [upsampleCausalConv3dBackpropFilter, 4e3],
  [upsampleCausalConv3dBackpropBias, 4e3],
])('$kernelName', (kernel, terms) => {
  it('is the gradient of the reference for any shape, in both modes, with and without time', () => {
    fc.assert(
      fc.property(
        clips,
        fc.constantFrom('trilinear', 'nearest'),
        fc.boolean(),
        fc.constantFrom(1, 3),
        (clip, mode, time, taps) => {
          const x = [clip.batch, Math.min(4, clip.time), clip.height, clip.width, clip.inChannels];
          const weight = [taps, 3, 3, clip.inChannels, clip.outChannels];
          expectReference(kernel, inputsOf(x, weight, time), { time, mode }, rounding(terms));
        },
      ),
      { numRuns: 15 },
    );
  });

  it.each(['trilinear', 'nearest'])('takes more pixels than a tile, %s', (mode) => {
    expectReference(kernel, inputsOf([1, 3, 11, 19, 3], [3, 3, 3, 3, 5], true), { time: true, mode }, rounding(terms));
  });
});
