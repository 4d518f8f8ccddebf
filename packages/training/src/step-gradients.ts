import {
  type BatchStatistics,
  discriminatorLoss,
  generatorLoss,
  klDivergence,
  patchDiscriminator,
  sampleLatents,
} from '@od-vae/losses';
import { decode, decodeHidden, decodePixels, encode } from '@od-vae/models';
import {
  add,
  clipByValue,
  engine,
  keep,
  mean,
  mul,
  reshape,
  type Scalar,
  square,
  sub,
  type Tensor,
  type Tensor5D,
  tidy,
  type Variable,
  zerosLike,
} from '@tensorflow/tfjs-core';

import { seededNoise } from './seeded-noise.ts';
import type { TrainingOptions } from './training-options.ts';
import type { TrainingState } from './training-state.ts';

/** What one clip says about the weights; the caller owns all tensors. */
export interface StepGradients {
  readonly gradients: Tensor[];
  readonly terms: Readonly<Record<string, Scalar>>;
  /** Statistics of the discriminator's norms for each clip that it was shown, in order. */
  readonly statistics: readonly BatchStatistics[][];
}

/** Gradients of the generator: reconstruction, KL, and looking real from the discriminator's start on. */
export function generatorGradients(
  state: TrainingState,
  options: TrainingOptions,
  clip: Tensor5D,
  { step, index }: { step: number; index: number },
): StepGradients {
  const { config, checkpointing, klWeight = 1e-6, adversarial } = options;
  const { generator } = state;
  const statistics: BatchStatistics[][] = [];
  const judge = judgeOf(state, options, statistics);
  const { convOut } = generator.decoder;
  const last = convOut as unknown as { weight: Tensor5D; bias: Tensor };
  const fixed = state.encoderLearns ? undefined : tidy(() => encode(generator, clip, config));
  const result = withTerms(state.adam.weights, statistics, () => {
    const moments = fixed ?? encode(generator, clip, config, { checkpointing });
    const latents = drawLatents(options, moments, step, index);
    const hidden = decodeHidden(generator, latents, config, { checkpointing });
    const rebuild = (weight: Tensor) => decodePixels({ ...last, weight } as unknown as typeof convOut, hidden, config);
    const rebuilt = rebuild(last.weight);
    const terms = generatorLoss(clip, rebuilt, {
      pixelError: options.pixelError,
      perceptual: options.perceptual,
      adversarial: judge && {
        judge,
        active: step >= adversarial!.start,
        weight: adversarial!.weight ?? 0.5,
        lastWeight: last.weight,
        rebuild,
      },
    });
    const kl = klDivergence(moments);
    const loss = add(terms.loss, mul(kl, klWeight)) as Scalar;
    const error = tidy(() => mean(square(sub(flat(clip), clipByValue(flat(rebuilt), -1, 1)))) as Scalar);
    return {
      loss,
      nll: terms.nll,
      reconstruction: terms.mean,
      perceptual: terms.perceptual,
      kl,
      adversarial: terms.adversarial,
      adaptiveWeight: terms.adaptiveWeight,
      error,
    };
  });
  fixed?.dispose();
  return result;
}

/** Gradients of the discriminator, of a clip and of what the generator makes of it. */
export function discriminatorGradients(
  state: TrainingState,
  options: TrainingOptions,
  clip: Tensor5D,
  { step, index }: { step: number; index: number },
): StepGradients {
  const statistics: BatchStatistics[][] = [];
  const judge = judgeOf(state, options, statistics)!;
  const rebuilt = tidy(() => {
    const moments = encode(state.generator, clip, options.config);
    return decode(state.generator, drawLatents(options, moments, step, index), options.config);
  });
  const result = withTerms(state.discriminator!.adam.weights, statistics, () => {
    const [real, fake] = [judge(clip), judge(rebuilt)];
    return {
      loss: discriminatorLoss(real, fake, options.adversarial!.kind),
      logitsReal: mean(flat(real)) as Scalar,
      logitsRebuilt: mean(flat(fake)) as Scalar,
    };
  });
  rebuilt.dispose();
  return result;
}

function drawLatents({ noise, seed }: TrainingOptions, moments: Tensor5D, step: number, index: number): Tensor5D {
  return tidy(() => {
    const [batch, time, height, width, channels] = moments.shape;
    const shape: Tensor5D['shape'] = [batch, time, height, width, channels / 2];
    return sampleLatents(moments, noise ? noise(step, index, shape) : seededNoise(seed, step, index, shape));
  });
}

/** The discriminator's view of clips; it notes the statistics of its norms for each. */
function judgeOf({ discriminator }: TrainingState, { adversarial }: TrainingOptions, seen: BatchStatistics[][]) {
  if (!discriminator || !adversarial) return undefined;
  return (clip: Tensor5D): Tensor => {
    const layers: BatchStatistics[] = [];
    seen.push(layers);
    return patchDiscriminator(discriminator.params, clip, {
      config: adversarial.discriminator,
      onStatistics: (layer, { mean: average, variance }) => {
        layers[layer] = { mean: keep(average.clone()), variance: keep(variance.clone()) };
      },
    });
  };
}

/** Gradients of the terms' `loss` by the weights, and all the terms. */
function withTerms<Terms extends { loss: Scalar } & { [name: string]: Scalar }>(
  weights: readonly Variable[],
  statistics: BatchStatistics[][],
  compute: () => Terms,
): StepGradients {
  let terms: Record<string, Scalar> = {};
  const { value, grads } = engine().gradients(
    () => {
      const all = compute();
      // The scope of a gradient frees all but the loss itself.
      terms = Object.fromEntries(Object.entries(all).map(([name, term]) => [name, keep(term.clone())]));
      return all.loss;
    },
    [...weights],
    undefined,
    true,
  );
  value.dispose();
  return { gradients: grads.map((gradient, index) => gradient ?? zerosLike(weights[index]!)), terms, statistics };
}

function flat(tensor: Tensor): Tensor {
  return reshape(tensor, [tensor.size]);
}
