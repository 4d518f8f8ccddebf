import { disposeParams, fromStored, mapSpec, type ParamsOf, type SpecTree, storedShape } from '@od-vae/core';
import { lpips, type LpipsNetwork, type LpipsParams, lpipsSpec } from '@od-vae/losses';
import { goldenInput, goldenWeight } from '@od-vae/test-utils';
import { addN, clipByValue, mul, type Tensor, tensor, type Tensor4D, tidy } from '@tensorflow/tfjs-core';

import { basisOf, type GoldenCheck, type GoldenResult, metadataJson } from './check.ts';
import { goldenFrames, relativeError } from './golden-numbers.ts';
import { checkLosses } from './training-losses.ts';

/** Losses and gradients are compared relatively, to the largest value of an array. */
export const LOSS_TOLERANCE = 1e-5;

/** LPIPS, the generator's and the discriminator's loss with their gradients, and a short training run. */
export const checkTraining: GoldenCheck = async function* (context) {
  // Registers TensorFlow.js's gradients, which tfjs-core alone does not have in Node.
  await import('@tensorflow/tfjs-layers');
  yield* checkLpips(context);
  yield* checkLosses(context);
};

const checkLpips: GoldenCheck = async function* ({ file }): AsyncGenerator<GoldenResult> {
  const basis = basisOf(file);
  const { shape } = metadataJson<{ shape: number[] }>(file, 'lpips');
  const [a, b] = tidy(() => {
    const [first, second] = ['lpips.a', 'lpips.b'].map((key) => goldenFrames(goldenInput(key, shape, basis), shape));
    return [first!, clipByValue(addN([mul(first!, 0.7), mul(second!, 0.3)]), -1, 1) as Tensor4D];
  });
  for (const network of ['vgg', 'alex'] as const) {
    const params = goldenLpips(network, basis);
    for (const spatial of [false, true]) {
      const name = `lpips_${network}${spatial ? '_spatial' : ''}`;
      if (!file.tensors.has(name)) continue;
      const distances = lpips(params, a!, b!, { network, spatial });
      yield { name, error: await relativeError(distances, file, name), tolerance: LOSS_TOLERANCE };
      distances.dispose();
    }
    disposeParams(params);
  }
  for (const frames of [a!, b!]) frames.dispose();
};

/** LPIPS with the generator's weights: convolutions scaled so that features keep their size, heads without sign. */
export function goldenLpips(network: LpipsNetwork, basis: number): LpipsParams {
  return goldenParams(lpipsSpec(network), `lpips_${network}`, basis, (values, name) => {
    if (name.startsWith('lin')) return values.map(Math.abs);
    return name.endsWith('weight') ? values.map((value) => value * 1.4142135) : values;
  });
}

/** Weights whose names are their stored names, from the generator. */
export function goldenParams<Spec extends SpecTree>(
  spec: Spec,
  prefix: string,
  basis: number,
  change: (values: Float32Array, name: string) => Float32Array = (values) => values,
): ParamsOf<Spec> {
  return mapSpec(spec, (leaf): Tensor => {
    const values = goldenWeight(`${prefix}.${leaf.storedName}`, storedShape(leaf), basis);
    return tensor(fromStored(change(values, leaf.storedName), leaf), [...leaf.shape], 'float32');
  });
}
