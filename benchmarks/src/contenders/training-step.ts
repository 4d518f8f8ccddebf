import { mapSpec, paramLeaves } from '@od-vae/core';
import { decode, encode, odVaeSpec, type OdVaeParams, type OfficialConfig, parseConfig } from '@od-vae/models';
import {
  abs,
  add,
  dispose,
  exp,
  grads,
  mean,
  mul,
  type Scalar,
  split,
  square,
  sub,
  sum,
  tensor,
  type Tensor,
  type Tensor5D,
} from '@tensorflow/tfjs-core';

import { randomParams, randomValues } from './random-values.ts';

/** Weight of the KL term beside the mean absolute error of the pixels. */
const KL_WEIGHT = 1e-6;

/** Forward and backward of a model: the loss of a clip and the gradients of every weight. No optimizer. */
export function trainingStep(official: OfficialConfig, clip: Tensor5D): () => void {
  const config = parseConfig(official);
  const spec = odVaeSpec(config);
  const paths = [...paramLeaves(spec)].map(({ path }) => path.join('.'));
  const weights: Tensor[] = [];
  const initial = randomParams(spec);
  mapSpec(spec, (_, path) => {
    const weight = path.reduce<unknown>((tree, name) => (tree as Record<string, unknown>)[name], initial) as Tensor;
    weights.push(weight);
    return weight;
  });
  const loss = (...tensors: Tensor[]): Scalar => {
    const params = mapSpec(spec, (_, path) => tensors[paths.indexOf(path.join('.'))]!) as OdVaeParams;
    const [average, logvar] = split(encode(params, clip, config), 2, 4) as [Tensor5D, Tensor5D];
    const noise = tensor(randomValues(average.size), average.shape);
    const rebuilt = decode(params, add(average, mul(exp(mul(logvar, 0.5)), noise)), config);
    const kl = mul(sum(sub(sub(add(square(average), exp(logvar)), 1), logvar)), 0.5);
    return add(mean(abs(sub(rebuilt, clip))), mul(kl, KL_WEIGHT));
  };
  const gradients = grads(loss);
  return () => dispose(gradients(weights));
}
