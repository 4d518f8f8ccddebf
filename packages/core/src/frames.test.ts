import { scoped, useBackend, useLeakGuard } from '@od-vae/test-utils';
import { range, reshape, type Tensor5D } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

import { ShapeError } from './errors.ts';
import { foldTime, sliceFrames, unfoldTime } from './frames.ts';

useBackend('cpu');
useLeakGuard();

/** A clip whose values count up from 0. */
function countingClip(...shape: Tensor5D['shape']): Tensor5D {
  return reshape(
    range(
      0,
      shape.reduce((a, b) => a * b, 1),
    ),
    shape,
  );
}

describe('foldTime', () => {
  it(
    'lays the frames of all samples in one row, in order',
    scoped(() => {
      const clip = countingClip(2, 3, 2, 1, 2);
      const frames = foldTime(clip);
      expect(frames.shape).toEqual([6, 2, 1, 2]);
      expect(frames.dataSync()).toEqual(clip.dataSync());
    }),
  );
});

describe('unfoldTime', () => {
  it(
    'undoes foldTime',
    scoped(() => {
      const clip = countingClip(2, 5, 2, 3, 4);
      const same = unfoldTime(foldTime(clip), 2);
      expect(same.shape).toEqual(clip.shape);
      expect(same.dataSync()).toEqual(clip.dataSync());
    }),
  );
});

describe('sliceFrames', () => {
  it(
    'gives the frames asked for, of every sample',
    scoped(() => {
      const part = sliceFrames(countingClip(2, 4, 1, 1, 2), 1, 3);
      expect(part.shape).toEqual([2, 2, 1, 1, 2]);
      expect([...part.dataSync()]).toEqual([2, 3, 4, 5, 10, 11, 12, 13]);
    }),
  );

  it(
    'gives the whole clip from first to last',
    scoped(() => {
      const clip = countingClip(1, 3, 2, 2, 1);
      expect(sliceFrames(clip, 0, 3).dataSync()).toEqual(clip.dataSync());
    }),
  );

  it.each([
    [-1, 2],
    [0, 4],
    [2, 2],
    [2, 1],
  ])('refuses frames %i to %i of three', (begin, end) => {
    scoped(() => {
      expect(() => sliceFrames(countingClip(1, 3, 1, 1, 1), begin, end)).toThrow(
        new ShapeError(`sliceFrames: frames ${begin} to ${end} were asked for, but the clip has 3.`),
      );
    })();
  });
});
