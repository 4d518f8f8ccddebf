import { customGrad, engine, type GradSaveFunc, type Tensor, zerosLike } from '@tensorflow/tfjs-core';

import { withOpenTape } from './kernel.ts';

/**
 * The same function, whose gradient runs it once more instead of keeping what lies between its input and its output.
 *
 * Memory of a backward pass then holds one input a block in place of all its activations, for about a third more work.
 *
 * @param weights every tensor beside `x` that `run` reads and that may want a gradient
 */
export function checkpointed<In extends Tensor, Out extends Tensor>(
  run: (x: In) => Out,
  weights: readonly Tensor[],
): (x: In) => Out {
  const forward = customGrad((...inputs) => {
    const save = inputs.at(-1) as unknown as GradSaveFunc;
    save([inputs[0] as Tensor]);
    return {
      value: run(inputs[0] as In),
      gradFunc: (dy: Tensor, [x]: Tensor[]) => {
        const sources = [x!, ...weights];
        const { grads } = withOpenTape(() => engine().gradients(() => run(x as In), sources, dy, true));
        return grads.map((gradient, index) => gradient ?? zerosLike(sources[index]!));
      },
    };
  });
  return (x) => forward(x, ...weights) as Out;
}
