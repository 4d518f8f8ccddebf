import { scoped, useBackend } from '@od-vae/test-utils';
import { tensor, type Tensor5D, tensor5d } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

import { fromPyTorch, toPyTorch } from './tensor-layouts.ts';

useBackend('cpu');

describe('toPyTorch and fromPyTorch', () => {
  it(
    'move the channels behind the batch, and back',
    scoped(() => {
      const clip = tensor5d(
        Array.from({ length: 2 * 3 * 2 * 2 * 3 }, (_, index) => index),
        [2, 3, 2, 2, 3],
      );
      const torch = toPyTorch(clip);
      expect(torch.shape).toEqual([2, 3, 3, 2, 2]);
      expect([...torch.dataSync()].slice(0, 5)).toEqual([0, 3, 6, 9, 12]);
      const back = fromPyTorch(torch);
      expect(back.shape).toEqual(clip.shape);
      expect(back.dataSync()).toEqual(clip.dataSync());
    }),
  );

  it(
    'refuse tensors of other ranks',
    scoped(() => {
      const image = tensor([1, 2], [1, 1, 1, 2]) as unknown as Tensor5D;
      expect(() => toPyTorch(image)).toThrow(
        'toPyTorch: the tensor must be [batch, time, height, width, channels], but is [1,1,1,2].',
      );
      expect(() => fromPyTorch(image)).toThrow(
        'fromPyTorch: the tensor must be [batch, channels, time, height, width], but is [1,1,1,2].',
      );
    }),
  );
});
