import { sliceFrames } from '@od-vae/core';
import { noiseClip, scoped, useBackend, useLeakGuard } from '@od-vae/test-utils';
import { concat } from '@tensorflow/tfjs-core';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { leftBehind } from '../fixtures/left-behind.ts';
import { causalSources, pickFrames } from './pick-frames.ts';

useBackend('cpu');
useLeakGuard();

describe('pickFrames', () => {
  it('gives the frames asked for, in that order, for any list', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(3), { minLength: 1, maxLength: 7 }), (indices) => {
        scoped(() => {
          const clip = noiseClip('x', [2, 4, 2, 1, 2]);
          const expected = concat(
            indices.map((index) => sliceFrames(clip, index, index + 1)),
            1,
          );
          const picked = pickFrames(clip, indices);
          expect(picked.shape).toEqual(expected.shape);
          expect(picked.dataSync()).toEqual(expected.dataSync());
        })();
      }),
    );
  });

  it(
    'gives a fresh tensor even where every frame is wanted once',
    scoped(() => {
      const clip = noiseClip('x', [1, 2, 1, 1, 1]);
      const all = pickFrames(clip, [0, 1]);
      expect(all).not.toBe(clip);
      expect(leftBehind(() => pickFrames(clip, [1, 0, 0]))).toBe(0);
    }),
  );
});

describe('causalSources', () => {
  it.each([
    [5, 1, 0, [0, 1, 2, 3, 4]],
    [5, 1, 2, [0, 0, 0, 1, 2]],
    [5, 2, 0, [0, 2, 4]],
    [6, 2, 1, [0, 1, 3]],
    [1, 2, 2, [0]],
  ])('of %i frames at stride %i, %i back, reads %j', (time, stride, delay, sources) => {
    expect(causalSources(time, stride, delay)).toEqual(sources);
  });
});
