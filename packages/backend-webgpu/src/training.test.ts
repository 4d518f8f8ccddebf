import '@tensorflow/tfjs-layers';
import { disposeParams, initParams, mapParams, paramTensors, type ParamTree } from '@od-vae/core';
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
import { largestDifference, noiseClip, onBackend, useLeakGuard } from '@od-vae/test-utils';
import { reshape, square, sub, sum, type Tensor, type Tensor5D, valueAndGrads } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';

import { describeHalfStorage, describeWebgpu } from '../fixtures/webgpu.ts';

/** A small autoencoder of each kind of layer. */
const spec = {
  down: causalConv3dSpec(3, 8),
  block: resnetBlockSpec(8, 16, '3d'),
  attention: attentionSpec(16, 'causal'),
  up: causalConv3dSpec(16, 8),
  norm: groupNormSpec(8),
  last: causalConv3dSpec(8, 3),
};
const options = { groups: 4 };

type Params = ReturnType<typeof initParams<typeof spec>>;

function rebuilt(params: Params, clip: Tensor5D): Tensor5D {
  const small = causalConv3d(params.down, clip, { strides: [2, 2, 2], border: 'after' });
  const hidden = spatialAttention(params.attention, resnetBlock(params.block, small, options), options);
  const large = upsampleConv3d(params.up, hidden, { time: true, mode: 'trilinear' });
  return causalConv3d(params.last, groupNormSilu(params.norm, large, options));
}

/** The loss of a step and its gradient by every weight, on the backend in use. */
async function lossAndGradients(): Promise<Float32Array[]> {
  const params = initParams(spec, { seed: 3 });
  const tensors = paramTensors(params as ParamTree);
  const clip = noiseClip('clip', [1, 5, 8, 8, 3]);
  const { value, grads } = valueAndGrads((...weights: Tensor[]) => {
    const given = mapParams(params as ParamTree, (tensor) => weights[tensors.indexOf(tensor)]!) as Params;
    return sum(square(sub(reshape(rebuilt(given, clip), [-1]), reshape(clip, [-1]))));
  })(tensors);
  const results: Float32Array[] = [];
  for (const one of [value, ...grads]) results.push((await one.data()) as Float32Array);
  for (const one of [clip, value, ...grads]) one.dispose();
  disposeParams(params as ParamTree);
  return results;
}

/** Expects every gradient to differ no more from that of the stock ops than by a part of the largest of its weight. */
async function expectGradients(tolerance: number): Promise<void> {
  const expected = await onBackend('cpu', lossAndGradients);
  const actual = await lossAndGradients();
  const largest = expected.map((values) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0));
  // That of the keys' bias is 0, as it moves all scores of a query alike: what both have is rounding.
  const least = Math.max(...largest.slice(1)) * 1e-4;
  expected.forEach((values, index) => {
    const difference = largestDifference(actual[index]!, values) / Math.max(least, largest[index]!);
    expect(difference, `weight ${index - 1}`).toBeLessThan(tolerance);
  });
}

describeWebgpu('the gradients of an autoencoder', () => {
  useLeakGuard();

  it('are those of the stock ops for every weight', () => expectGradients(1e-4));
});

describeHalfStorage('the gradients of an autoencoder whose clips have 16 bits', () => {
  useLeakGuard();

  it('are those of the stock ops for every weight, but for what clips are rounded by', () => expectGradients(1e-2));
});
