import '@od-vae/layers';
import '@tensorflow/tfjs-layers';
import { largestDifference, useBackend, useLeakGuard } from '@od-vae/test-utils';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { useAllBackends } from '../../fixtures/backends.ts';
import { clips, convolutionKernels, rounding, strides } from '../../fixtures/convolutions.ts';
import { noise, runOn } from '../../fixtures/values.ts';
import { SimdBackend } from '../simd-backend.ts';
import type { Precision } from '../tasks/choose-convolution.ts';
import {
  causalConv3dBackpropBias,
  causalConv3dBackpropFilter,
  causalConv3dBackpropInput,
} from './causal-conv3d-gradients.ts';
import { type Border, convolutionGeometry } from './causal-conv3d.ts';

useBackend('cpu');
useLeakGuard();
const expectReference = useAllBackends();

interface Attributes {
  strides: number[];
  border: Border;
}

function inputsOf(x: number[], weight: number[], attrs: Attributes) {
  const { output } = convolutionGeometry(x, weight, attrs);
  const frames = Math.floor((x[1]! - 1) / attrs.strides[0]!) + 1;
  const dy = [x[0]!, frames, output.height, output.width, weight[4]!];
  return {
    x: noise('x', x),
    weight: noise('weight', weight),
    bias: noise('bias', [weight[4]!]),
    dy: noise('dy', dy),
  };
}

describe.each([
  // What one number is the sum of: output channels and taps, or pixels.
  [causalConv3dBackpropInput, (_: number[], weight: number[]) => (27 + weight[0]!) * weight[4]!],
  [causalConv3dBackpropFilter, (x: number[]) => (x[0]! * x[1]! * x[2]! * x[3]!) / 4],
  [causalConv3dBackpropBias, (x: number[]) => (x[0]! * x[1]! * x[2]! * x[3]!) / 4],
])('$kernelName', (kernel, terms) => {
  it('is the gradient of the reference for any shape, stride and border, on any number of threads', () => {
    fc.assert(
      fc.property(
        clips,
        convolutionKernels,
        fc.integer({ min: 1, max: 4 }),
        strides,
        (clip, [tall, wide, border], taps, steps) => {
          const grow = border === 'around' ? 0 : 2;
          const x = [clip.batch, clip.time, clip.height + grow, clip.width + grow, clip.inChannels];
          const weight = [taps, tall, wide, clip.inChannels, clip.outChannels];
          const attrs = { strides: steps, border };
          expectReference(kernel, inputsOf(x, weight, attrs), attrs, 2 * rounding(terms(x, weight)));
        },
      ),
      { numRuns: 30 },
    );
  });

  it.each<[string, number[], number[], number[], Border]>([
    ['an image of one pixel', [1, 1, 1, 1, 3], [3, 3, 3, 3, 4], [1, 1, 1], 'around'],
    ['more pixels than a tile', [1, 3, 20, 37, 2], [3, 3, 3, 2, 5], [1, 1, 1], 'around'],
    ['channels in several parts', [1, 2, 3, 4, 300], [3, 3, 3, 300, 12], [1, 1, 1], 'around'],
    ['a clip that is halved', [2, 5, 10, 6, 16], [3, 3, 3, 16, 16], [2, 2, 2], 'after'],
    ['pixels that no output reads', [1, 4, 7, 8, 4], [1, 1, 1, 4, 4], [3, 2, 3], 'around'],
    ['a clip for Winograd', [1, 4, 9, 10, 16], [3, 3, 3, 16, 20], [1, 1, 1], 'around'],
    ['pairs of frames', [1, 7, 6, 5, 8], [3, 3, 3, 8, 128], [1, 1, 1], 'around'],
  ])('takes %s', (_, x, weight, steps, border) => {
    const attrs = { strides: steps, border };
    expectReference(kernel, inputsOf(x, weight, attrs), attrs, 2 * rounding(terms(x, weight)));
  });
});

describe('CausalConv3DBackpropFilter', () => {
  it.each<[string, number[], number[], Border]>([
    ['more patches than a tile', [2, 5, 19, 37, 16], [3, 3, 3, 16, 20], 'around'],
    ['images, no border around them', [3, 4, 18, 17, 24], [1, 3, 3, 24, 36], 'none'],
    ['channels in several parts', [1, 9, 10, 11, 160], [3, 3, 3, 160, 72], 'around'],
  ])('is nearly the same when its products are transformed: %s', async (_, x, weight, border) => {
    const attrs = { strides: [1, 1, 1], border };
    const backends = [1, 2, 3].map((threads) => new SimdBackend({ threads }));
    await Promise.all(backends.map(({ pool }) => pool.started()));
    const inputs = inputsOf(x, weight, attrs);
    const compute = (backend: SimdBackend, precision: Precision) => {
      backend.precision = precision;
      return runOn(backend, causalConv3dBackpropFilter, inputs, attrs)[0]!.values;
    };
    const exact = compute(backends[0]!, 'exact');
    const fast = compute(backends[0]!, 'fast');
    const difference = largestDifference(fast, exact);
    expect(difference).toBeGreaterThan(0);
    expect(difference).toBeLessThan(20 * rounding((x[0]! * x[1]! * x[2]! * x[3]!) / 4));
    for (const backend of backends) expect(largestDifference(compute(backend, 'fast'), fast)).toBe(0);
    await Promise.all(backends.map(({ pool }) => pool.close()));
  });
});
