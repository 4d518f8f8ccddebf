import { disposeParams, param, toStored } from '@od-vae/core';
import {
  type AdversarialTerm,
  defaultDiscriminator,
  discriminatorLoss,
  type DiscriminatorParams,
  discriminatorSpec,
  generatorLoss,
  klDivergence,
  patchDiscriminator,
  type PerceptualTerm,
  zeroPaddedConv3d,
} from '@od-vae/losses';
import { channelsFirst, type GoldenFile } from '@od-vae/test-utils';
import {
  add,
  addN,
  div,
  grad,
  keep,
  mul,
  type Scalar,
  sub,
  type Tensor,
  type Tensor5D,
  tidy,
  valueAndGrads,
} from '@tensorflow/tfjs-core';

import { basisOf, type GoldenCheck, type GoldenResult, metadataJson } from './check.ts';
import { goldenClip } from './golden-model.ts';
import { arrayOf, relativeDifference } from './golden-numbers.ts';
import { errorBetweenKinks } from './kinks.ts';
import { goldenLpips, goldenParams } from './golden-params.ts';

const LOSS_TOLERANCE = 1e-5;
const GRADIENT_TOLERANCE = 1e-4;
const PADDED = { strides: [1, 1, 1], padding: [1, 1, 1] } as const;

interface LossCase {
  shape: number[];
  kl_weight: number;
  disc_weight: number;
  log: Record<string, number>;
}

/** The two losses of a step on given features, with their gradients. */
export const checkLosses: GoldenCheck = async function* ({ file }): AsyncGenerator<GoldenResult> {
  const basis = basisOf(file);
  const one = metadataJson<LossCase>(file, 'loss');
  const channels = arrayOf(file, 'loss.grad_last_weight').length / (3 * 27);
  const [batch, , ...size] = one.shape as [number, number, number, number, number];
  const latent = [Math.ceil(size[0] / 4), size[1] / 8, size[2] / 8];
  const clip = goldenClip('loss.x', one.shape, basis);
  const features = goldenClip('loss.features', [batch, channels, ...size], basis);
  const moments = tidy(() => mul(goldenClip('loss.moments', [batch, 8, ...latent], basis), 2) as Tensor5D);
  const last = goldenParams(lastSpec(channels), 'loss', basis).weight;
  const discriminator = goldenParams(discriminatorSpec(defaultDiscriminator), 'discriminator', basis);
  const perceptual = { params: goldenLpips('vgg', basis), network: 'vgg', weight: 1 } as const;
  const judge = (x: Tensor5D) => patchDiscriminator(discriminator, x, { config: defaultDiscriminator });
  const rebuild = (weight: Tensor) => zeroPaddedConv3d({ weight: weight as Tensor5D }, features, PADDED);
  const adversarial: AdversarialTerm = { judge, active: true, weight: one.disc_weight, lastWeight: last, rebuild };

  const rebuilt = rebuild(last);
  const step = generatorStep({ clip, moments, last, perceptual, adversarial, klWeight: one.kl_weight }, rebuilt);
  const byKernel = valueAndGrads((kernel: Tensor) => rebuild(kernel))([last], step.byPixels);
  for (const [name, value] of Object.entries(step.scalars)) {
    yield { name: `loss ${name}`, error: await scalarError(value, one.log[name]!), tolerance: LOSS_TOLERANCE };
  }
  const expected = arrayOf(file, 'loss.grad_reconstruction');
  const gradientAt = async (pixels: Tensor5D) => {
    const { byPixels, accumulated, scalars } = generatorStep(
      { clip, moments, last, perceptual, adversarial, klWeight: one.kl_weight },
      pixels,
    );
    const { data } = channelsFirst((await accumulated.data()) as Float32Array, accumulated.shape);
    for (const tensor of [byPixels, accumulated, ...Object.values(scalars)]) tensor.dispose();
    return data;
  };
  yield {
    name: 'loss gradient of the reconstruction',
    error: await errorBetweenKinks(gradientAt, rebuilt, expected, GRADIENT_TOLERANCE),
    tolerance: GRADIENT_TOLERANCE,
  };
  yield {
    name: 'loss gradient of the last layer',
    error: relativeDifference(
      toStored((await byKernel.grads[0]!.data()) as Float32Array, lastSpec(channels).weight),
      arrayOf(file, 'loss.grad_last_weight'),
    ),
    tolerance: GRADIENT_TOLERANCE,
  };
  yield* checkDiscriminator(file, one, discriminator, { clip, rebuilt });
  for (const tree of [discriminator, perceptual.params]) disposeParams(tree);
  for (const tensor of [clip, features, moments, last, rebuilt, byKernel.value, ...byKernel.grads]) tensor.dispose();
  for (const tensor of [step.byPixels, step.accumulated, ...Object.values(step.scalars)]) tensor.dispose();
};

interface GeneratorCase {
  readonly clip: Tensor5D;
  readonly moments: Tensor5D;
  readonly last: Tensor5D;
  readonly perceptual: PerceptualTerm;
  readonly adversarial: AdversarialTerm;
  readonly klWeight: number;
}

/** Computes the generator's loss of a reconstruction with its terms and gradients; the caller owns the tensors. */
function generatorStep(
  { clip, moments, last, perceptual, adversarial, klWeight }: GeneratorCase,
  pixels: Tensor5D,
): { scalars: Record<string, Scalar>; byPixels: Tensor5D; accumulated: Tensor5D } {
  const scalars: Record<string, Scalar> = {};
  const set = (name: string, value: Scalar) => {
    scalars[name] = keep(value.clone());
  };
  const { value, grads } = valueAndGrads((x: Tensor, kernel: Tensor) => {
    const through = add(x, mul(adversarial.rebuild(kernel as Tensor5D), 0));
    const terms = generatorLoss(clip, through as Tensor5D, { perceptual, adversarial });
    const kl = klDivergence(moments);
    set('nll_loss', terms.nll);
    set('rec_loss', terms.mean);
    set('d_weight', terms.adaptiveWeight);
    set('g_loss', terms.adversarial);
    set('kl_loss', kl);
    return add(terms.loss, mul(kl, klWeight)) as Scalar;
  })([pixels, last]);
  grads[1]!.dispose();
  const byPixels = grads[0] as Tensor5D;
  const accumulated = tidy(() => {
    // The file's array is what PyTorch's `retain_grad` adds up: both gradients of the adaptive weight, then the whole.
    const ofNll = grad((x: Tensor) => generatorLoss(clip, x as Tensor5D, { perceptual }).loss)(pixels);
    return addN([byPixels, ofNll, div(sub(byPixels, ofNll), scalars['d_weight']!)]) as Tensor5D;
  });
  return { scalars: { ...scalars, total_loss: value as Scalar }, byPixels, accumulated };
}

async function* checkDiscriminator(
  file: GoldenFile,
  { log }: LossCase,
  params: DiscriminatorParams,
  { clip, rebuilt }: { clip: Tensor5D; rebuilt: Tensor5D },
): AsyncGenerator<GoldenResult> {
  const judge = (x: Tensor5D) => patchDiscriminator(params, x, { config: defaultDiscriminator });
  const { value, grads } = valueAndGrads(() => discriminatorLoss(judge(clip), judge(rebuilt)))([params.first.weight]);
  yield { name: 'loss disc_loss', error: await scalarError(value, log['disc_loss']!), tolerance: LOSS_TOLERANCE };
  const spec = discriminatorSpec(defaultDiscriminator).first.weight;
  yield {
    name: 'loss gradient of the discriminator',
    error: relativeDifference(
      toStored((await grads[0]!.data()) as Float32Array, spec),
      arrayOf(file, 'loss.grad_disc_main_0_weight'),
    ),
    tolerance: GRADIENT_TOLERANCE,
  };
  for (const one of [value, ...grads]) one.dispose();
}

function lastSpec(channels: number) {
  return { weight: param<Tensor5D>([3, 3, 3, channels, 3], 'last.weight', { layout: 'conv3d' }) };
}

async function scalarError(value: Tensor, expected: number): Promise<number> {
  return relativeDifference((await value.data()) as Float32Array, [expected]);
}
