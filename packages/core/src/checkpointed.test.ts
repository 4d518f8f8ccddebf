import '@tensorflow/tfjs-layers';
import { scoped, useBackend, useLeakGuard } from '@od-vae/test-utils';
import { add, grads, memory, mul, square, sum, type Tensor, tensor1d, type Tensor1D } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

import { checkpointed } from './checkpointed.ts';

useBackend('cpu');
useLeakGuard();

const numbers = (tensor: Tensor) => [...tensor.dataSync()];

describe('checkpointed', () => {
  it(
    'gives the values and gradients of the function itself, of its input and of its weights',
    scoped(() => {
      const [x, scale, shift] = [tensor1d([1, 2]), tensor1d([3, 5]), tensor1d([7, 11])];
      const run = (y: Tensor1D): Tensor1D => add(mul(square(y), scale), shift);
      const twice = (block: typeof run) => () => sum(mul(block(block(x)), x));
      const plain = grads(twice(run))([x, scale, shift]);
      const again = grads(twice(checkpointed(run, [scale, shift])))([x, scale, shift]);
      expect(again.map(numbers)).toEqual(plain.map(numbers));
      expect(numbers(checkpointed(run, [scale, shift])(x))).toEqual(numbers(run(x)));
    }),
  );

  it(
    'gives zeros to a weight that the function does not read',
    scoped(() => {
      const [x, unread] = [tensor1d([1, 2]), tensor1d([3])];
      const gradients = grads(() => sum(checkpointed((y: Tensor1D): Tensor1D => square(y), [unread])(x)))([x, unread]);
      expect(gradients.map(numbers)).toEqual([[2, 4], [0]]);
    }),
  );

  it(
    'keeps one tensor a block for the backward pass',
    scoped(() => {
      const x = tensor1d([1, 2]);
      const run = (y: Tensor1D): Tensor1D => square(square(square(square(y))));
      const kept = (block: typeof run) => {
        let count = 0;
        grads(() => {
          const y = block(x);
          count = memory().numTensors;
          return sum(y);
        })([x]);
        return count;
      };
      expect(kept(checkpointed(run, []))).toBeLessThan(kept(run) - 2);
    }),
  );
});
