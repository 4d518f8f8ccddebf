import { disposeParams, paramLeaves, type ParamSpec, paramTensors, type ParamTree, toStored } from '@od-vae/core';
import { defaultDiscriminator, discriminatorSpec, discriminatorStatisticsSpec } from '@od-vae/losses';
import { odVaeSpec, type OdVaeConfig, storedParams } from '@od-vae/models';
import { channelsLast, goldenInput, type GoldenFile } from '@od-vae/test-utils';
import { Trainer, type StepReport, type TrainingState } from '@od-vae/training';
import { mul, type Tensor, type Tensor5D, tidy } from '@tensorflow/tfjs-core';

import { basisOf, type GoldenCheck, type GoldenResult, metadataJson } from './check.ts';
import { goldenClip, goldenModel } from './golden-model.ts';
import { arrayOf, relativeDifference } from './golden-numbers.ts';
import { goldenLpips, goldenParams } from './golden-params.ts';

/** Rounding grows over the steps of a run. */
const RUN_TOLERANCE = 1e-4;

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
    yield { name: `run step ${step} ${theirs}`, error, tolerance: RUN_TOLERANCE };
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
    yield { name: `run ${name}`, error: relativeDifference(values, arrayOf(file, name)), tolerance: RUN_TOLERANCE };
  }
}
