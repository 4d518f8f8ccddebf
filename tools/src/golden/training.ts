import { disposeParams } from '@od-vae/core';
import { lpips } from '@od-vae/losses';
import { goldenInput } from '@od-vae/test-utils';
import { addN, clipByValue, mul, type Tensor4D, tidy } from '@tensorflow/tfjs-core';

import { basisOf, type GoldenCheck, type GoldenResult, metadataJson } from './check.ts';
import { goldenFrames, relativeError } from './golden-numbers.ts';
import { goldenLpips } from './golden-params.ts';
import { checkLosses } from './training-losses.ts';
import { checkRun } from './training-run.ts';

/** Losses and gradients are compared relatively, to the largest value of an array. */
const LOSS_TOLERANCE = 1e-5;

/** LPIPS, the generator's and the discriminator's loss with their gradients, and a short training run. */
export const checkTraining: GoldenCheck = async function* (context) {
  yield* checkLpips(context);
  yield* checkLosses(context);
  yield* checkRun(context);
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
