import { sliceFrames } from '@od-vae/core';
import { noiseClip, scoped, useBackend, useLeakGuard } from '@od-vae/test-utils';
import { concat, mul, slice, type Tensor5D } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

import { leftBehind } from '../fixtures/left-behind.ts';
import { perFrame } from './per-frame.ts';

useBackend('cpu');
useLeakGuard();

describe('perFrame', () => {
  it(
    'shows the layer one frame at a time, all samples and frames in the batch',
    scoped(() => {
      const seen: number[][] = [];
      perFrame((x) => {
        seen.push(x.shape);
        return x.clone();
      })(noiseClip('x', [2, 3, 4, 5, 6]));
      expect(seen).toEqual([[6, 1, 4, 5, 6]]);
    }),
  );

  it(
    'puts each result where its frame was',
    scoped(() => {
      const x = noiseClip('x', [2, 3, 2, 2, 2]);
      const y = perFrame((frame) => mul(frame, 2))(x);
      expect(y.shape).toEqual(x.shape);
      expect(y.dataSync()).toEqual(mul(x, 2).dataSync());
      const second = perFrame((frame) => mul(frame, 2))(sliceFrames(x, 1, 2));
      expect(sliceFrames(y, 1, 2).dataSync()).toEqual(second.dataSync());
    }),
  );

  it(
    'lets the layer change height, width and channels',
    scoped(() => {
      const halve = (x: Tensor5D) =>
        concat<Tensor5D>([slice(x, 0, [-1, -1, 2, 1, -1]), slice(x, 0, [-1, -1, 2, 1, -1])], 4);
      expect(perFrame(halve)(noiseClip('x', [2, 3, 4, 4, 2])).shape).toEqual([2, 3, 2, 1, 4]);
    }),
  );

  it(
    'leaves nothing behind but its output',
    scoped(() => {
      const x = noiseClip('x', [1, 2, 2, 2, 2]);
      expect(leftBehind(() => perFrame((y) => mul(mul(y, 2), 3))(x))).toBe(0);
    }),
  );
});
