import { ShapeError } from '@od-vae/core';
import { largestDifference, noiseClip, scoped, useBackend, useLeakGuard } from '@od-vae/test-utils';
import { tensor1d } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

import { leftBehind } from '../fixtures/left-behind.ts';
import { causalConv3d, type CausalConv3dParams, type Triple } from './causal-conv3d.ts';
import { upsampleSpace, upsampleTime } from './resample.ts';
import { upsampleConv3d } from './upsample-conv3d.ts';

useBackend('cpu');
useLeakGuard();

const paramsFor = (kernelSize: Triple): CausalConv3dParams => ({
  weight: noiseClip('weight', [...kernelSize, 2, 3]),
  bias: tensor1d([1, 2, 3]),
});

describe('upsampleConv3d', () => {
  it.each([
    ['nearest', false, [1, 3, 3]],
    ['nearest', true, [3, 3, 3]],
    ['trilinear', false, [3, 3, 3]],
    ['trilinear', true, [3, 3, 3]],
  ] as const)('enlarges, then convolves (%s, time: %s)', (mode, time, kernelSize) => {
    scoped(() => {
      const params = paramsFor(kernelSize);
      const x = noiseClip('x', [2, 3, 2, 3, 2]);
      const y = upsampleConv3d(params, x, { mode, time });
      expect(y.shape).toEqual([2, time ? 5 : 3, 4, 6, 3]);
      const expected = causalConv3d(params, upsampleSpace(time ? upsampleTime(x) : x, mode));
      expect(largestDifference(y.dataSync(), expected.dataSync())).toBeLessThan(1e-6);
      expect(leftBehind(() => upsampleConv3d(params, x, { mode, time }))).toBe(0);
    })();
  });

  it(
    'leaves time alone unless asked to double it',
    scoped(() => {
      const y = upsampleConv3d(paramsFor([1, 3, 3]), noiseClip('x', [1, 3, 2, 2, 2]), { mode: 'nearest' });
      expect(y.shape).toEqual([1, 3, 4, 4, 3]);
    }),
  );

  it(
    'says which weight met which clip when the channels differ',
    scoped(() => {
      expect(() => upsampleConv3d(paramsFor([3, 3, 3]), noiseClip('x', [1, 1, 2, 2, 4]), { mode: 'nearest' })).toThrow(
        new ShapeError('upsampleConv3d: weight [3,3,3,2,3] reads 2 channels, but x is [1,1,2,2,4].'),
      );
    }),
  );
});
