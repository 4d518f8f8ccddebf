import '@tensorflow/tfjs-layers';
import { scoped, useBackend, useLeakGuard } from '@od-vae/test-utils';
import { grads, sum, type Tensor, tensor1d } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

import { absoluteDifference } from './absolute-difference.ts';

useBackend('cpu');
useLeakGuard();

describe('absoluteDifference', () => {
  it(
    'is the distance, and its gradient the sign, zero where nothing differs',
    scoped(() => {
      const [a, b] = [tensor1d([3, 1, 2]), tensor1d([1, 3, 2])];
      expect([...absoluteDifference(a, b).dataSync()]).toEqual([2, 2, 0]);
      const [first, second] = grads((x: Tensor, y: Tensor) => sum(absoluteDifference(x, y)))([a, b]);
      expect([...first!.dataSync()]).toEqual([1, -1, 0]);
      expect([...second!.dataSync()]).toEqual([-1, 1, -0]);
    }),
  );
});
