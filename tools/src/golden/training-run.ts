import { disposeParams, paramLeaves, type ParamSpec, paramTensors, type ParamTree, toStored } from '@od-vae/core';
import { defaultDiscriminator, discriminatorSpec, discriminatorStatisticsSpec } from '@od-vae/losses';
import { odVaeSpec, type OdVaeConfig, storedParams } from '@od-vae/models';
import { channelsLast, goldenInput, type GoldenFile } from '@od-vae/test-utils';
import { Trainer, type StepReport, type TrainingState } from '@od-vae/training';
import { mul, type Tensor, type Tensor5D, tidy } from '@tensorflow/tfjs-core';

import { basisOf, type GoldenCheck, type GoldenResult, metadataJson } from './check.ts';
import { goldenClip, goldenModel } from './golden-model.ts';
import { arrayOf, relativeDifference, relativeLength } from './golden-numbers.ts';
import { goldenLpips, goldenParams } from './golden-params.ts';

/**
 * How far a run may be from the file's, relatively. Adam's first steps are as long as the rate however small a gradient is,
 * so rounding decides the sign of the smallest ones, and the discriminator's small mean shows it: PyTorch 2.13 itself, run
 * again on one thread of another machine, differs by up to 7.3e-5 in nll, 1.3e-4 in loss, 6.6e-3 in d_weight, 5.9e-3 in
 * g_loss, and 4.7e-4 in the length of a weight's difference (1.7e-6 of an averaged one's).
 */
const TOLERANCES: Readonly<Record<string, number>> = {
  nll: 1e-4,
  loss: 1e-3,
  kl: 1e-3,
  d_weight: 1e-2,
  g_loss: 1e-2,
  after: 1e-3,
  ema: 1e-4,
};

interface RunCase {
  config: unknown;
  adam: { lr: number; betas: [number, number]; eps: number };
  ema_decay: number;
  disc_start: number;
  kl_weight: number;
  perceptual_weight: number;
  disc_weight: number;
  log: (Record<string, number> & { kind: string })[];
}

/** Clips of the run, as its metadata describes them in words. */
const CLIP = [2, 3, 5, 32, 32];

/** A short training run: every loss, and weights, averages and running statistics after it. */
export const checkRun: GoldenCheck = async function* ({ file }): AsyncGenerator<GoldenResult> {
  const basis = basisOf(file);
  const run = metadataJson<RunCase>(file, 'train');
  const { config, params } = await goldenModel(run.config, 'train', basis);
  const perceptual = { params: goldenLpips('vgg', basis), network: 'vgg', weight: run.perceptual_weight } as const;
  const [beta1, beta2] = run.adam.betas;
  using trainer = new Trainer(
    {
      config,
      steps: run.log.length,
      seed: 0,
      learningRate: { rate: run.adam.lr },
      adam: { beta1, beta2, epsilon: run.adam.eps },
      perceptual,
      klWeight: run.kl_weight,
      adversarial: { discriminator: defaultDiscriminator, start: run.disc_start, weight: run.disc_weight },
      averageDecay: run.ema_decay,
      noise: (step, _, shape) => tidy(() => goldenNoiseOf(step, shape, basis)),
    },
    params,
    {
      params: goldenParams(discriminatorSpec(defaultDiscriminator), 'discriminator', basis),
      statistics: goldenParams(discriminatorStatisticsSpec(defaultDiscriminator), 'discriminator', basis),
    },
  );
  for (const expected of run.log) {
    const clip = goldenClip(`train.x${expected['step']}`, CLIP, basis);
    yield* compareStep(await trainer.train([clip]), expected);
    clip.dispose();
  }
  yield* compareState(trainer.state, config, file);
  disposeParams(perceptual.params);
};

/** Standard deviation 1 from the generator's even noise, in PyTorch's order. */
function goldenNoiseOf(step: number, [batch, time, height, width, channels]: Tensor5D['shape'], basis: number) {
  const shape = [batch, channels, time, height, width];
  const noise = channelsLast({ shape, data: goldenInput(`train.noise${step}`, shape, basis) });
  return mul(noise, Math.sqrt(3)) as Tensor5D;
}

/** The file's words for a step's terms. */
const TERMS: Readonly<Record<string, string>> = {
  loss: 'loss',
  nll: 'nll',
  kl: 'kl',
  d_weight: 'adaptiveWeight',
  g_loss: 'adversarial',
};

function* compareStep({ step, kind, terms }: StepReport, expected: RunCase['log'][number]): Generator<GoldenResult> {
  yield { name: `run step ${step} kind`, error: kind === expected.kind ? 0 : 1, tolerance: 0 };
  for (const [theirs, ours] of Object.entries(TERMS)) {
    const wanted = expected[theirs];
    if (wanted === undefined) continue;
    const error = relativeDifference([terms[ours]!], [wanted]);
    yield { name: `run step ${step} ${theirs}`, error, tolerance: TOLERANCES[theirs]! };
  }
}

async function* compareState(
  state: TrainingState,
  config: OdVaeConfig,
  file: GoldenFile,
): AsyncGenerator<GoldenResult> {
  const stored = storedParams(odVaeSpec(config));
  const discriminator = [discriminatorSpec, discriminatorStatisticsSpec].flatMap((spec) => [
    ...paramLeaves(spec(defaultDiscriminator)),
  ]);
  const judged = state.discriminator!;
  const tensors = new Map<string, { tensor: Tensor; spec: ParamSpec }>();
  for (const [index, { name, spec }] of stored.entries()) {
    tensors.set(`train.after.${name}`, { tensor: state.adam.weights[index]!, spec });
    tensors.set(`train.ema.${name}`, { tensor: state.average![index]!, spec });
  }
  const statistics = judged.statistics.flatMap(({ mean, variance }) => [mean, variance]);
  for (const [index, tensor] of [...paramTensors(judged.params as ParamTree), ...statistics].entries()) {
    const { spec } = discriminator[index]!;
    tensors.set(`train.after.discriminator.${spec.storedName}`, { tensor, spec });
  }
  for (const name of file.tensors.keys()) {
    if (!name.startsWith('train.')) continue;
    const found = tensors.get(name);
    if (!found) throw new Error(`the run has no "${name}"`);
    const values = toStored((await found.tensor.data()) as Float32Array, found.spec);
    const error = relativeLength(values, arrayOf(file, name));
    yield { name: `run ${name}`, error, tolerance: TOLERANCES[name.split('.')[1]!]! };
  }
}
