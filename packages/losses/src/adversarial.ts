import {
  add,
  mean,
  mul,
  neg,
  relu,
  reshape,
  type Scalar,
  softplus,
  sub,
  type Tensor,
  type Tensor1D,
  tidy,
} from '@tensorflow/tfjs-core';

/** How a discriminator is scored: the hinge loss of the paper's recipe, or the logistic loss of the first GANs. */
export type AdversarialKind = 'hinge' | 'vanilla';

/**
 * What a discriminator minimizes, from its logits of real and of rebuilt clips.
 *
 * Hinge: `(mean relu(1 - real) + mean relu(1 + fake)) / 2`; vanilla: `(mean softplus(-real) + mean softplus(fake)) / 2`.
 */
export function discriminatorLoss(real: Tensor, fake: Tensor, kind: AdversarialKind = 'hinge'): Scalar {
  return tidy('discriminatorLoss', () => {
    const [logitsReal, logitsFake] = [flat(real), flat(fake)];
    const [missed, fooled] =
      kind === 'hinge'
        ? [relu(sub(1, logitsReal)), relu(add(1, logitsFake))]
        : [softplus(neg(logitsReal)), softplus(logitsFake)];
    return mul(add(mean(missed), mean(fooled)), 0.5) as Scalar;
  });
}

/** What a generator minimizes to look real, from the logits of its clips: `-mean(fake)`. */
export function adversarialLoss(fake: Tensor): Scalar {
  return tidy('adversarialLoss', () => neg(mean(flat(fake))) as Scalar);
}

function flat(logits: Tensor): Tensor1D {
  return reshape(logits, [logits.size]);
}
