import { consume, foldTime, unfoldTime, withOpenTape } from '@od-vae/core';
import {
  add,
  customGrad,
  engine,
  type GradSaveFunc,
  keep,
  mul,
  type Scalar,
  scalar,
  type Tensor,
  type Tensor4D,
  type Tensor5D,
  tidy,
} from '@tensorflow/tfjs-core';

import { adaptiveWeight } from './adaptive-weight.ts';
import { adversarialLoss } from './adversarial.ts';
import { reconstructionLoss, type ReconstructionOptions, type ReconstructionTerms } from './reconstruction.ts';

/** The adversarial part of a generator's loss. */
export interface AdversarialTerm {
  /** Logits of a clip. */
  readonly judge: (clip: Tensor5D) => Tensor;
  /** Counts the term, or computes it for the norms' running averages alone; false before `disc_start`. */
  readonly active: boolean;
  /** `disc_weight`, 0.5 in the paper's recipe. */
  readonly weight: number;
  /** Kernel of the decoder's last layer, which the adaptive weight looks at. */
  readonly lastWeight: Tensor;
  /** The rebuilt clip again from that kernel; nothing before the last layer needs to run. */
  readonly rebuild: (lastWeight: Tensor) => Tensor5D;
}

/** Options of {@link generatorLoss}. */
export interface GeneratorLossOptions extends ReconstructionOptions {
  readonly adversarial?: AdversarialTerm | undefined;
}

/** A generator's loss without its KL term, and what it is made of; all are scalars of the current scope. */
export type GeneratorTerms = ReconstructionTerms & {
  /** `nll + adaptiveWeight * adversarial`; differentiable. */
  readonly loss: Scalar;
  /** `-mean(logits)`, 0 while the term is not active. */
  readonly adversarial: Scalar;
  /** The adaptive weight, 0 while the term is not active. */
  readonly adaptiveWeight: Scalar;
};

/**
 * What a generator pays for a rebuilt clip: reconstruction, and looking unreal, weighted so that both move the decoder's
 * last layer alike (`LPIPSWithDiscriminator3D`, section 8 of the recipe, without KL).
 *
 * Both gradients of the rebuilt clip are taken here, once; a backward pass through the loss starts from their sum.
 *
 * @param rebuilt `[batch, time, height, width, 3]`, around [-1, 1]
 */
export function generatorLoss(
  target: Tensor5D,
  rebuilt: Tensor5D,
  { adversarial, ...options }: GeneratorLossOptions = {},
): GeneratorTerms {
  const { gradient, total, ...terms } = withOpenTape(() => tidy(() => judge(target, rebuilt, options, adversarial)));
  const known = customGrad((...inputs) => {
    (inputs[1] as unknown as GradSaveFunc)([gradient]);
    return {
      value: total.clone(),
      gradFunc: (dy: Tensor, [saved]: Tensor[]) => unfoldTime(mul(saved as Tensor4D, dy), rebuilt.shape[0]),
    };
  });
  return { ...terms, loss: known(rebuilt) as Scalar };
}

type Judgement = Omit<GeneratorTerms, 'loss'> & {
  readonly total: Scalar;
  /** Of the total, by the rebuilt frames. */
  readonly gradient: Tensor4D;
};

function judge(
  target: Tensor5D,
  rebuilt: Tensor5D,
  options: ReconstructionOptions,
  adversarial: AdversarialTerm | undefined,
): Judgement {
  const frames = foldTime(target);
  const pixels = gradientBy(rebuilt, 'nll', (clip) => reconstructionLoss(frames, foldTime(clip), options));
  const { nll } = pixels.terms;
  if (!adversarial?.active) {
    adversarial?.judge(rebuilt);
    const none = scalar(0);
    return { ...pixels.terms, total: nll, gradient: pixels.gradient, adversarial: none, adaptiveWeight: none };
  }
  const looks = gradientBy(rebuilt, 'loss', (clip) => ({ loss: adversarialLoss(adversarial.judge(clip)) }));
  const byLastLayer = ({ gradient }: { gradient: Tensor4D }): Tensor => {
    const { lastWeight, rebuild } = adversarial;
    const dy = unfoldTime(gradient, rebuilt.shape[0]);
    return engine().gradients(() => rebuild(lastWeight), [lastWeight], dy).grads[0]!;
  };
  const weight = adaptiveWeight(byLastLayer(pixels), byLastLayer(looks), adversarial.weight);
  return {
    ...pixels.terms,
    adversarial: looks.terms.loss,
    adaptiveWeight: weight,
    total: add(nll, mul(weight, looks.terms.loss)) as Scalar,
    gradient: add(pixels.gradient, mul(looks.gradient, weight)),
  };
}

/** Gradient of one of the terms by the frames of a clip, and all the terms. */
function gradientBy<Terms extends { [name: string]: Scalar }>(
  clip: Tensor5D,
  name: keyof Terms,
  compute: (clip: Tensor5D) => Terms,
): { gradient: Tensor4D; terms: Terms } {
  let terms: Terms | undefined;
  const { grads } = engine().gradients(() => {
    // The scope of a gradient frees all but the value itself.
    terms = mapTerms(compute(clip), (term) => keep(term.clone()));
    return terms[name]!;
  }, [clip]);
  return {
    gradient: foldTime(grads[0] as Tensor5D),
    terms: mapTerms(terms!, (term) => consume(term, (x) => x.clone())),
  };
}

function mapTerms<Terms extends { [name: string]: Scalar }>(terms: Terms, change: (term: Scalar) => Scalar): Terms {
  return Object.fromEntries(Object.entries(terms).map(([name, term]) => [name, change(term)])) as Terms;
}
