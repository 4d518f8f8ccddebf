import { type Tensor, type Variable, zerosLike } from '@tensorflow/tfjs-core';

import { type AdamConstants, type AdamOptions, adamStep } from './adam-step.ts';

/** Adam over a list of weights, step for step as `torch.optim.Adam`. It owns its means, not the weights. */
export class Adam implements Disposable {
  readonly weights: readonly Variable[];
  readonly #options: AdamConstants;
  #means: Tensor[];
  #squares: Tensor[];
  #steps = 0;

  constructor(weights: readonly Variable[], { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 }: AdamOptions = {}) {
    this.weights = weights;
    this.#options = { beta1, beta2, epsilon };
    this.#means = weights.map((weight) => zerosLike(weight));
    this.#squares = weights.map((weight) => zerosLike(weight));
  }

  /** Steps taken so far. */
  get steps(): number {
    return this.#steps;
  }

  /** Moves every weight by its gradient; the gradients stay the caller's. */
  apply(gradients: readonly Tensor[], rate: number): void {
    this.#steps += 1;
    const { beta1, beta2 } = this.#options;
    const corrections = { correction1: 1 - beta1 ** this.#steps, correction2: 1 - beta2 ** this.#steps };
    for (const [index, weight] of this.weights.entries()) {
      const [mean, square] = [this.#means[index]!, this.#squares[index]!];
      const [moved, nextMean, nextSquare] = adamStep(
        { param: weight, gradient: gradients[index]!, mean, square },
        { ...this.#options, ...corrections, rate },
      );
      weight.assign(moved);
      for (const old of [moved, mean, square]) old.dispose();
      this.#means[index] = nextMean;
      this.#squares[index] = nextSquare;
    }
  }

  /** The means of gradient and square of each weight, borrowed. */
  state(): readonly { mean: Tensor; square: Tensor }[] {
    return this.#means.map((mean, index) => ({ mean, square: this.#squares[index]! }));
  }

  /** Goes on from a state that {@link state} gave; takes over its tensors. */
  restore(steps: number, state: readonly { mean: Tensor; square: Tensor }[]): void {
    this.dispose();
    this.#steps = steps;
    this.#means = state.map(({ mean }) => mean);
    this.#squares = state.map(({ square }) => square);
  }

  dispose(): void {
    for (const tensor of [...this.#means, ...this.#squares]) tensor.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
