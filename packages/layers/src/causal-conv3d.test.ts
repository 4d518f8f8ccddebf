import '@tensorflow/tfjs-layers';
import { countParams, disposeParams, initParams, ShapeError, sizeOf, sliceFrames } from '@od-vae/core';
import { largestDifference, noiseClip, onBackend, scoped, useBackend, useLeakGuard } from '@od-vae/test-utils';
import { concat, grads, type Tensor, tensor1d, type Tensor1D, type Tensor5D } from '@tensorflow/tfjs-core';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { finiteDifferences } from '../fixtures/finite-differences.ts';
import { leftBehind } from '../fixtures/left-behind.ts';
import { naiveConvolution } from '../fixtures/naive-convolution.ts';
import {
  type Border,
  causalConv3d,
  type CausalConv3dOptions,
  type CausalConv3dParams,
  causalConv3dSpec,
  conv2dSpec,
  conv3dSpec,
  type Triple,
} from './causal-conv3d.ts';

useBackend('cpu');
useLeakGuard();

/** Sums of a few hundred float32 products of numbers below 1. */
const FLOAT32 = 2e-6;

function paramsFor(inChannels: number, outChannels: number, kernelSize: Triple = [3, 3, 3]): CausalConv3dParams {
  const weight = noiseClip('weight', [...kernelSize, inChannels, outChannels]);
  return { weight, bias: tensor1d(Array.from({ length: outChannels }, (_, index) => 0.1 * (index + 1))) };
}

const distance = (a: Tensor, b: Tensor) => {
  expect(a.shape).toEqual(b.shape);
  return largestDifference(a.dataSync(), b.dataSync());
};

const kernels = fc.constantFrom<[number, number, Border]>(
  [1, 1, 'around'],
  [1, 1, 'none'],
  [3, 3, 'around'],
  [3, 1, 'around'],
  [3, 3, 'after'],
  [3, 3, 'none'],
  [1, 3, 'none'],
);
const stride = fc.integer({ min: 1, max: 3 });
const cases = fc.record({
  kernel: kernels,
  taps: fc.integer({ min: 1, max: 4 }),
  strides: fc.tuple(stride, stride, stride),
  batch: fc.integer({ min: 1, max: 2 }),
  time: fc.integer({ min: 1, max: 5 }),
  height: fc.integer({ min: 3, max: 6 }),
  width: fc.integer({ min: 3, max: 6 }),
  inChannels: fc.integer({ min: 1, max: 3 }),
  outChannels: fc.integer({ min: 1, max: 3 }),
});

describe('causalConv3d', () => {
  it(
    'keeps time, height and width at stride 1',
    scoped(() => {
      expect(causalConv3d(paramsFor(2, 5), noiseClip('x', [2, 4, 6, 3, 2])).shape).toEqual([2, 4, 6, 3, 5]);
    }),
  );

  it(
    'does not let a later frame change an earlier output',
    scoped(() => {
      const params = paramsFor(2, 3);
      const x = noiseClip('x', [1, 5, 4, 4, 2]);
      const whole = sliceFrames(causalConv3d(params, x), 0, 3);
      expect(distance(whole, causalConv3d(params, sliceFrames(x, 0, 3)))).toBe(0);
    }),
  );

  it(
    'takes one frame for a clip in which nothing moves',
    scoped(() => {
      const params = paramsFor(2, 3);
      const image = noiseClip('x', [1, 1, 4, 4, 2]);
      const still = causalConv3d(params, concat<Tensor5D>([image, image, image], 1));
      const alone = causalConv3d(params, image);
      for (const frame of [0, 1, 2]) {
        expect(distance(sliceFrames(still, frame, frame + 1), alone)).toBeLessThan(FLOAT32);
      }
    }),
  );

  it.each([1, 2, 3, 4, 5, 8, 9])('gives floor((time - 1) / 2) + 1 of %i frames at stride 2', (time) => {
    scoped(() => {
      const y = causalConv3d(paramsFor(1, 1), noiseClip('x', [1, time, 4, 4, 1]), {
        strides: [2, 2, 2],
        border: 'after',
      });
      expect(y.shape).toEqual([1, Math.floor((time - 1) / 2) + 1, 2, 2, 1]);
    })();
  });

  it('computes its definition for any shape, stride and border', () => {
    fc.assert(
      fc.property(
        cases,
        ({ kernel: [height, width, border], taps, strides, batch, time, inChannels, outChannels, ...size }) => {
          scoped(() => {
            const params = paramsFor(inChannels, outChannels, [taps, height, width]);
            const x = noiseClip('x', [batch, time, size.height, size.width, inChannels]);
            const expected = naiveConvolution(x, params, strides, border);
            expect(distance(causalConv3d(params, x, { strides, border }), expected)).toBeLessThan(20 * FLOAT32);
          })();
        },
      ),
      { numRuns: 60 },
    );
  });

  describe.each<[string, CausalConv3dOptions]>([
    ['at stride 1', {}],
    ['when it halves', { strides: [2, 2, 2], border: 'after' }],
  ])('%s', (_, options) => {
    it.each([
      ['x', 0],
      ['weight', 1],
      ['bias', 2],
    ] as const)('has the gradient that finite differences measure with respect to %s', (_name, index) => {
      scoped(() => {
        const params = paramsFor(2, 2);
        const inputs = [noiseClip('x', [1, 4, 4, 3, 2]), params.weight, params.bias];
        const run = (x: Tensor, weight: Tensor, bias: Tensor) =>
          causalConv3d({ weight: weight as Tensor5D, bias: bias as Tensor1D }, x as Tensor5D, options);
        const outward = noiseClip('dy', causalConv3d(params, inputs[0] as Tensor5D, options).shape);
        const gradient = grads(run)(inputs, outward)[index]!;
        // Linear in each input, so a step of 1 is exact up to rounding.
        const slopes = finiteDifferences((at) => run(at[0]!, at[1]!, at[2]!), inputs, index, { outward, step: 1 });
        expect(largestDifference(gradient.dataSync(), slopes)).toBeLessThan(1e-5);
      })();
    });
  });

  it('agrees on the wasm backend', async () => {
    const run = () => {
      let values: Float32Array | undefined;
      scoped(() => {
        const x = noiseClip('x', [2, 3, 7, 5, 3]);
        values = Float32Array.from(
          causalConv3d(paramsFor(3, 4), x, { strides: [2, 2, 2], border: 'after' }).dataSync(),
        );
      })();
      return values!;
    };
    expect(largestDifference(await onBackend('wasm', run), run())).toBeLessThan(FLOAT32);
  });

  it(
    'says which weight met which clip when the channels differ',
    scoped(() => {
      expect(() => causalConv3d(paramsFor(4, 2), noiseClip('x', [1, 2, 4, 4, 3]))).toThrow(
        new ShapeError('causalConv3d: weight [3,3,3,4,2] reads 4 channels, but x is [1,2,4,4,3].'),
      );
    }),
  );

  it(
    'leaves nothing behind but its output',
    scoped(() => {
      const params = paramsFor(2, 3);
      const x = noiseClip('x', [1, 3, 4, 4, 2]);
      expect(leftBehind(() => causalConv3d(params, x))).toBe(0);
      expect(leftBehind(() => causalConv3d(params, x, { strides: [2, 2, 2], border: 'after' }))).toBe(0);
      expect(leftBehind(() => causalConv3d(paramsFor(2, 3, [1, 1, 1]), x))).toBe(2);
    }),
  );
});

describe('the specs of convolutions', () => {
  it.each([
    ['causalConv3dSpec', causalConv3dSpec(2, 4), [3, 3, 3, 2, 4], 'conv.weight', 'conv3d'],
    ['conv2dSpec', conv2dSpec(2, 4), [1, 3, 3, 2, 4], 'weight', 'conv2d'],
    ['conv3dSpec', conv3dSpec(2, 4, [1, 1, 1]), [1, 1, 1, 2, 4], 'weight', 'conv3d'],
  ] as const)('%s knows shape, stored name and layout', (_, spec, shape, storedName, layout) => {
    expect(spec.weight).toMatchObject({ shape, storedName, layout });
    expect(spec.bias).toMatchObject({ shape: [4], storedName: storedName.replace('weight', 'bias'), layout: 'plain' });
    expect(countParams(spec)).toBe(sizeOf(shape) + 4);
  });

  it('start with a bias of zero', () => {
    const params = initParams(causalConv3dSpec(1, 3));
    expect([...params.bias.dataSync()]).toEqual([0, 0, 0]);
    disposeParams(params);
  });
});
