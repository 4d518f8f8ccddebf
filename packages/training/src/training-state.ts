import { disposeParams, initParams, mapParams, paramTensors, type ParamTree } from '@od-vae/core';
import {
  type BatchStatistics,
  type Discriminator,
  type DiscriminatorParams,
  discriminatorSpec,
  discriminatorStatisticsSpec,
} from '@od-vae/losses';
import { type OdVaeParams, odVaeSpec, storedParams } from '@od-vae/models';
import { type Tensor, tidy, type Variable, variable } from '@tensorflow/tfjs-core';

import { Adam } from './optimizer/adam.ts';
import { movingAverage } from './optimizer/moving-average.ts';
import { trainedWeights } from './trained-weights.ts';
import type { TrainingOptions } from './training-options.ts';

/** PyTorch's momentum of running averages. */
const MOMENTUM = 0.1;

/** A discriminator in training. */
export interface TrainedDiscriminator {
  readonly params: DiscriminatorParams;
  readonly adam: Adam;
  /** Running averages of its norms; replaced, never changed. */
  statistics: BatchStatistics[];
}

/** Everything that a run changes: weights, their averages, what the optimizers know, and how many steps are done. */
export class TrainingState implements Disposable {
  step = 0;
  readonly generator: OdVaeParams;
  /** All weights of the generator, in the order of its spec. */
  readonly weights: readonly Variable[];
  /** Moves those weights that learn. */
  readonly adam: Adam;
  /** Whether the way from pixels to moments changes. */
  readonly encoderLearns: boolean;
  /** Averages of the weights that learn, in Adam's order, or undefined where the run keeps none. */
  average: Tensor[] | undefined;
  readonly discriminator: TrainedDiscriminator | undefined;

  /** @param generator first weights, and the discriminator's where it goes on from some; both are taken over */
  constructor(
    { config, trained, adam, averageDecay, adversarial, seed }: TrainingOptions,
    generator: OdVaeParams,
    discriminator?: Discriminator,
  ) {
    const names = storedParams(odVaeSpec(config)).map(({ name }) => name);
    const learns = trainedWeights(names, trained);
    this.generator = asVariables(generator);
    this.weights = paramTensors(this.generator as ParamTree) as Variable[];
    this.adam = new Adam(
      this.weights.filter((_, index) => learns[index]),
      adam,
    );
    this.encoderLearns = names.some((name, index) => learns[index] && /^(?:encoder|quant_conv)\./.test(name));
    if (averageDecay !== undefined) this.average = this.adam.weights.map((weight) => weight.clone());
    if (adversarial) {
      const { params, statistics } = discriminator ?? {
        params: initParams(discriminatorSpec(adversarial.discriminator), { seed }),
        statistics: initParams(discriminatorStatisticsSpec(adversarial.discriminator)),
      };
      const weights = asVariables(params);
      this.discriminator = {
        params: weights,
        adam: new Adam(paramTensors(weights) as Variable[], adam),
        statistics: [...statistics],
      };
    }
  }

  /** All weights of the generator, the averaged in place of those that have an average. */
  averagedWeights(): Tensor[] {
    const averages = new Map<Tensor, Tensor>(
      this.average?.map((average, index) => [this.adam.weights[index]!, average]),
    );
    return this.weights.map((weight) => averages.get(weight) ?? weight);
  }

  /** Moves the averaged weights towards the weights. */
  updateAverage(decay: number): void {
    this.average = this.average?.map((average, index) => {
      const next = movingAverage(average, this.adam.weights[index]!, decay);
      average.dispose();
      return next;
    });
  }

  /** Moves the running averages of the discriminator's norms towards the statistics of one clip, layer by layer. */
  updateStatistics(layers: readonly BatchStatistics[]): void {
    const { discriminator } = this;
    if (!discriminator) return;
    for (const [index, seen] of layers.entries()) {
      const old = discriminator.statistics[index]!;
      discriminator.statistics[index] = tidy(() => ({
        mean: movingAverage(old.mean, seen.mean, 1 - MOMENTUM),
        variance: movingAverage(old.variance, seen.variance, 1 - MOMENTUM),
      })) as BatchStatistics;
      for (const tensor of Object.values(old)) tensor.dispose();
    }
  }

  dispose(): void {
    for (const adam of [this.adam, this.discriminator?.adam]) adam?.dispose();
    for (const tensor of this.average ?? []) tensor.dispose();
    disposeParams(this.generator as ParamTree);
    if (this.discriminator) {
      disposeParams(this.discriminator.params);
      for (const { mean, variance } of this.discriminator.statistics) disposeParams([mean, variance]);
    }
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

/** The tree with variables in place of its tensors, which it frees. */
function asVariables<Params>(params: Params): Params {
  return mapParams(params as ParamTree, (tensor) => {
    const weight = variable(tensor);
    tensor.dispose();
    return weight;
  }) as Params;
}
