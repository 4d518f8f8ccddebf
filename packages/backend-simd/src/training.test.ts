import '@tensorflow/tfjs-layers';
import { disposeParams, initParams, type ParamTree } from '@od-vae/core';
import {
  attentionSpec,
  causalConv3d,
  causalConv3dSpec,
  groupNormSilu,
  groupNormSpec,
  resnetBlock,
  resnetBlockSpec,
  spatialAttention,
  upsampleConv3d,
} from '@od-vae/layers';
import { goldenInput, largestDifference, noiseClip, useLeakGuard } from '@od-vae/test-utils';
import {
  add,
  backend,
  grads,
  memory,
  mul,
  reshape,
  setBackend,
  square,
  sum,
  type Tensor,
  type Tensor5D,
  tensor,
  tidy,
} from '@tensorflow/tfjs-core';
import { afterAll, describe, expect, it } from 'vitest';

import type { SimdBackend } from './index.ts';
import './index.ts';

useLeakGuard();
afterAll(async () => {
  await setBackend('simd');
  await (backend() as SimdBackend).pool.close();
});

/** A small autoencoder of each kind of layer. */
const spec = {
  first: causalConv3dSpec(3, 16),
  down: causalConv3dSpec(16, 16),
  block: resnetBlockSpec(16, 32, '3d'),
  attention: attentionSpec(32, 'causal'),
  up: causalConv3dSpec(32, 16),
  flat: causalConv3dSpec(16, 16, [1, 3, 3]),
  norm: groupNormSpec(16),
  last: causalConv3dSpec(16, 3),
};
const options = { groups: 4 };
/** Gradients may differ so much from those of stock ops, of the largest of each weight. */
const RELATIVE = 1e-4;

function rebuilt(params: ReturnType<typeof initParams<typeof spec>>, clip: Tensor5D): Tensor5D {
  const wide = causalConv3d(params.first, clip);
  const small = causalConv3d(params.down, wide, { strides: [2, 2, 2], border: 'after' });
  const hidden = spatialAttention(params.attention, resnetBlock(params.block, small, options), options);
  const large = upsampleConv3d(params.up, hidden, { time: true, mode: 'trilinear' });
  const flat = causalConv3d(params.flat, large);
  return causalConv3d(params.last, groupNormSilu(params.norm, flat, options));
}

interface Weights {
  readonly names: string[];
  readonly tensors: Tensor[];
  with(tensors: readonly Tensor[]): ReturnType<typeof initParams<typeof spec>>;
}

function weightsOf(params: ReturnType<typeof initParams<typeof spec>>): Weights {
  const names: string[] = [];
  const tensors: Tensor[] = [];
  const visit = (tree: ParamTree, path: string, replace: (name: string, tensor: Tensor) => Tensor): ParamTree =>
    Object.fromEntries(
      Object.entries(tree)
        .filter(([, value]) => value !== undefined)
        .map(([key, value]) => {
          const name = `${path}${key}`;
          return [
            key,
            'dataId' in value! ? replace(name, value as Tensor) : visit(value as ParamTree, `${name}.`, replace),
          ];
        }),
    ) as ParamTree;
  visit(params as ParamTree, '', (name, tensor) => {
    names.push(name);
    tensors.push(tensor);
    return tensor;
  });
  return {
    names,
    tensors,
    with: (others) => visit(params as ParamTree, '', (name) => others[names.indexOf(name)]!) as never,
  };
}

/** Weights and the gradient of each, on a backend; a function of the weights' values. */
async function gradientsOn(name: string, precision: 'exact' | 'fast') {
  await setBackend(name);
  if (name === 'simd') (backend() as SimdBackend).precision = precision;
  const params = initParams(spec, { seed: 3 });
  const weights = weightsOf(params);
  const before = memory().numTensors;
  const loss = (...tensors: Tensor[]) => {
    const clip = noiseClip('clip', [1, 5, 12, 8, 3]);
    const difference = add(reshape(rebuilt(weights.with(tensors), clip), [-1]), reshape(mul(clip, -1), [-1]));
    return sum(square(difference));
  };
  const values = tidy(
    () => grads(loss)(weights.tensors).map((gradient) => gradient.dataSync().slice()) as never,
  ) as Float32Array[];
  expect(memory().numTensors).toBe(before);
  const directional = tidy(() => {
    const moved = (step: number) =>
      loss(...weights.tensors.map((weight, index) => add(weight, mul(noiseLike(weight, index), step)))).dataSync()[0]!;
    return ((moved(STEP) - moved(-STEP)) / (2 * STEP)) as never;
  }) as number;
  const directions = weights.tensors.map((weight, index) =>
    tidy(() => noiseLike(weight, index).dataSync().slice() as never),
  ) as Float32Array[];
  disposeParams(params);
  return { names: weights.names, values, directional, directions };
}

const STEP = 1e-3;

function noiseLike({ shape }: Tensor, key: number): Tensor {
  return tensor(goldenInput(`${key}`, shape), shape);
}

describe('the gradients of an autoencoder', () => {
  it.each(['exact', 'fast'] as const)('are those of the stock ops for every weight, %s', async (precision) => {
    const { values: expected } = await gradientsOn('cpu', precision);
    const { values, names } = await gradientsOn('simd', precision);
    const largest = expected.map((gradient) => Math.max(...gradient.map(Math.abs)));
    // That of the keys' bias is 0, as it moves all scores of a query alike: what both have is rounding.
    const least = Math.max(...largest) * 1e-4;
    names.forEach((name, index) => {
      const difference = largestDifference(values[index]!, expected[index]!);
      expect(difference / Math.max(least, largest[index]!), name).toBeLessThan(RELATIVE);
    });
  });

  it('are what the loss changes by along a direction', async () => {
    const { values, directional, directions } = await gradientsOn('simd', 'exact');
    const slope = values.flatMap((gradient, index) =>
      [...gradient].map((value, at) => value * directions[index]![at]!),
    );
    const expected = slope.reduce((total, part) => total + part, 0);
    expect(Math.abs(directional - expected) / Math.abs(expected)).toBeLessThan(0.01);
  });
});
