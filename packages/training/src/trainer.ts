import './register-gradients.ts';
import './optimizer/host-kernels.ts';

import type { Discriminator } from '@od-vae/losses';
import type { OdVaeParams } from '@od-vae/models';
import { dispose, type Tensor, type Tensor5D } from '@tensorflow/tfjs-core';

import { addGradients, gradientNorm, scaleGradients } from './optimizer/gradients.ts';
import { learningRateAt } from './optimizer/learning-rate.ts';
import { discriminatorGradients, generatorGradients, type StepGradients } from './step-gradients.ts';
import { type StepKind, stepKind } from './step-kind.ts';
import { TrainingError } from './training-error.ts';
import type { TrainingOptions } from './training-options.ts';
import { TrainingState } from './training-state.ts';

/** What a step did: plain numbers, means over its clips. */
export interface StepReport {
  readonly step: number;
  readonly kind: StepKind;
  /** What was minimized, and what it is made of, by name. */
  readonly terms: Readonly<Record<string, number>>;
  /** Peak signal-to-noise ratio of the clips rebuilt by a generator step, dB; undefined for a discriminator step. */
  readonly psnr: number | undefined;
  /** Length of the gradient before it was shortened. */
  readonly gradientNorm: number;
  readonly learningRate: number;
}

/** Trains a model step by step. It owns its state; {@link dispose} frees it. */
export class Trainer implements Disposable {
  readonly options: TrainingOptions;
  readonly state: TrainingState;

  /** @param generator first weights, and the discriminator's where it goes on from some; both are taken over */
  constructor(options: TrainingOptions, generator: OdVaeParams, discriminator?: Discriminator) {
    this.options = options;
    this.state = new TrainingState(options, generator, discriminator);
  }

  /**
   * One step on one or several clips `[batch, time, height, width, 3]` in [-1, 1], whose gradients are averaged; the clips
   * stay the caller's.
   *
   * @throws TrainingError when a loss or gradient is no finite number; the state is then as after the step before
   */
  async train(clips: readonly Tensor5D[]): Promise<StepReport> {
    const { options, state } = this;
    const step = state.step + 1;
    const kind = stepKind(step, options.adversarial?.start);
    const all = clips.map((clip, index) => this.#gradients(kind, clip, { step, index }));
    const gradients = scaleGradients(
      all.map((one) => one.gradients).reduce((sum, next) => addGradients(sum, next)),
      1 / clips.length,
    );
    const terms = await meanTerms(all);
    const norm = await gradientNorm(gradients);
    const wrong = Object.entries({ ...terms, 'gradient norm': norm }).find(([, value]) => !Number.isFinite(value));
    if (wrong) {
      dispose([...gradients, ...statisticsOf(all)]);
      throw new TrainingError(`Step ${step} (${kind}) must have finite numbers, but its ${wrong[0]} is ${wrong[1]}.`);
    }
    const rate = learningRateAt(options.learningRate, step, options.steps);
    this.#apply(kind, gradients, norm, rate);
    for (const shown of all.flatMap(({ statistics }) => statistics)) state.updateStatistics(shown);
    dispose(statisticsOf(all));
    state.step = step;
    const { error, ...rest } = terms;
    const psnr = error === undefined ? undefined : psnrOf(error);
    return { step, kind, terms: rest, psnr, gradientNorm: norm, learningRate: rate };
  }

  #gradients(kind: StepKind, clip: Tensor5D, place: { step: number; index: number }): StepGradients {
    const compute = kind === 'generator' ? generatorGradients : discriminatorGradients;
    return compute(this.state, this.options, clip, place);
  }

  #apply(kind: StepKind, gradients: readonly Tensor[], norm: number, rate: number): void {
    const { clipNorm, averageDecay } = this.options;
    const shortened = scaleGradients(gradients, clipNorm === undefined ? 1 : Math.min(1, clipNorm / (norm + 1e-6)));
    const { adam, discriminator } = this.state;
    (kind === 'generator' ? adam : discriminator!.adam).apply(shortened, rate);
    dispose(shortened);
    if (kind === 'generator' && averageDecay !== undefined) this.state.updateAverage(averageDecay);
  }

  dispose(): void {
    this.state.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

/** Peak 2, from -1 to 1; at most 100 dB. */
function psnrOf(meanSquaredError: number): number {
  return Math.min(100, -10 * Math.log10(meanSquaredError / 4));
}

function statisticsOf(all: readonly StepGradients[]): Tensor[] {
  return all.flatMap(({ statistics }) => statistics.flat().flatMap(({ mean, variance }) => [mean, variance]));
}

/** The mean of every term over the clips; frees the terms. */
async function meanTerms(all: readonly StepGradients[]): Promise<Record<string, number>> {
  const means: Record<string, number> = {};
  for (const { terms } of all) {
    for (const [name, term] of Object.entries(terms)) {
      const [value] = await term.data();
      means[name] = (means[name] ?? 0) + value! / all.length;
      term.dispose();
    }
  }
  return means;
}
