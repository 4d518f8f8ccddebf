import {
  add,
  concat,
  matMul,
  mul,
  slice,
  softmax,
  sub,
  sum,
  type Tensor,
  type Tensor3D,
  tidy,
} from '@tensorflow/tfjs-core';
import { consume } from '@od-vae/core';

import { tensorflowKernel } from './tensorflow-kernel.ts';

type Inputs = { query: Tensor3D; key: Tensor3D; value: Tensor3D };

/** Attention scores held at once, 64 MiB. */
const MAX_SCORES = 2 ** 24;

/** `SpatialAttention`: some queries at a time, so that the scores of a large image never exist together. */
export const spatialAttention = tensorflowKernel<Inputs, object>('SpatialAttention', (_, { query, key, value }) => {
  const sequences = blocksOf(query.shape).map((blocks) => {
    const parts = blocks.map((block) =>
      tidy((): Tensor3D => {
        const weights = scoresOf(take(query, block), sequencesOf(key, block));
        return matMul(weights, sequencesOf(value, block));
      }),
    );
    return joined(parts, 1);
  });
  return joined(sequences, 0);
});

/** `SpatialAttentionGrad`: the gradients of query, key and value, the scores computed anew. */
export const spatialAttentionGrad = tensorflowKernel<Inputs & { dy: Tensor3D }, object>(
  'SpatialAttentionGrad',
  (_, inputs) => {
    const sequences = blocksOf(inputs.query.shape).map((blocks) => {
      const parts = blocks.map((block) => tidy(() => blockGradients(inputs, block)));
      const [dQuery, dKey, dValue] = [0, 1, 2].map((index) => parts.map((gradients) => gradients[index]!));
      return [joined(dQuery!, 1), total(dKey!), total(dValue!)];
    });
    return [0, 1, 2].map((index) =>
      joined(
        sequences.map((gradients) => gradients[index]!),
        0,
      ),
    );
  },
);

/** Some queries of some sequences. */
interface Block {
  readonly sequence: number;
  readonly sequences: number;
  readonly token: number;
  readonly tokens: number;
}

/** For each run of sequences that are taken together, the blocks of their queries. */
export function blocksOf([sequences, tokens]: Tensor3D['shape']): Block[][] {
  const together = Math.max(1, Math.floor(MAX_SCORES / tokens ** 2));
  const queries = Math.max(1, Math.min(tokens, Math.floor(MAX_SCORES / tokens)));
  return starts(sequences, together).map((sequence) =>
    starts(tokens, queries).map((token) => ({
      sequence,
      sequences: Math.min(together, sequences - sequence),
      token,
      tokens: Math.min(queries, tokens - token),
    })),
  );
}

function starts(length: number, step: number): number[] {
  return Array.from({ length: Math.ceil(length / step) }, (_, index) => index * step);
}

/** `softmax(query keyᵀ / sqrt(channels))`. */
function scoresOf(query: Tensor3D, key: Tensor3D): Tensor3D {
  return tidy(() => {
    const scores: Tensor3D = matMul(mul(query, scaleOf(query)), key, false, true);
    return consume(scores, (values) => softmax(values));
  });
}

function scaleOf({ shape }: Tensor3D): number {
  return shape[2] ** -0.5;
}

function blockGradients({ query, key, value, dy }: Inputs & { dy: Tensor3D }, block: Block): Tensor3D[] {
  const [some, someDy] = [take(query, block), take(dy, block)];
  const [keys, values] = [sequencesOf(key, block), sequencesOf(value, block)];
  const weights = scoresOf(some, keys);
  const dValue: Tensor3D = matMul(weights, someDy, true, false);
  const dWeights: Tensor3D = matMul(someDy, values, false, true);
  const dScores = consume(dWeights, (gradient) => softmaxGradient(weights, gradient));
  weights.dispose();
  const scale = scaleOf(query);
  return [mul(matMul(dScores, keys), scale), mul(matMul(dScores, some, true, false), scale), dValue];
}

/** `weights * (dWeights - sum(weights * dWeights))`. */
function softmaxGradient(weights: Tensor3D, dWeights: Tensor3D): Tensor3D {
  return tidy(() => {
    const products: Tensor3D = mul(weights, dWeights);
    return sub(products, mul(weights, sum(products, 2, true)));
  });
}

function take(x: Tensor3D, { sequence, sequences, token, tokens }: Block): Tensor3D {
  return slice(x, [sequence, token, 0], [sequences, tokens, x.shape[2]]);
}

function sequencesOf(x: Tensor3D, { sequence, sequences }: Block): Tensor3D {
  return slice(x, [sequence, 0, 0], [sequences, x.shape[1], x.shape[2]]);
}

/** The parts one after another; they are freed. */
function joined(parts: readonly Tensor3D[], axis: number): Tensor3D {
  if (parts.length === 1) return parts[0]!;
  const whole = concat([...parts], axis);
  for (const part of parts) part.dispose();
  return whole;
}

/** The sum of the parts; they are freed. */
function total(parts: readonly Tensor3D[]): Tensor3D {
  return parts.reduce((sum: Tensor3D, part) => {
    const next: Tensor = add(sum, part);
    sum.dispose();
    part.dispose();
    return next as Tensor3D;
  });
}
