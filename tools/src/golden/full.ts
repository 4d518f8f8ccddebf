import { disposeParams } from '@od-vae/core';
import { countOdVaeParams, decode, DiagonalGaussian, encode, parseConfig } from '@od-vae/models';

import { basisOf, type GoldenCheck, metadataJson } from './check.ts';
import { distance, goldenClip, goldenModel } from './golden-model.ts';

/** The full-size model: parameter count, moments and pixels. */
export const checkFull: GoldenCheck = async function* ({ file, tolerances }) {
  const basis = basisOf(file);
  const official = metadataJson<unknown>(file, 'config');
  const expected = metadataJson<number>(file, 'params');
  const total = countOdVaeParams(parseConfig(official)).total;
  yield { name: 'full parameters', error: Math.abs(total - expected), tolerance: 0 };
  const { config, params } = await goldenModel(official, 'full', basis);
  const clip = goldenClip('full.x', metadataJson<number[]>(file, 'x'), basis);
  const moments = encode(params, clip, config);
  yield { name: 'full moments', error: await distance(moments, file, 'full.moments'), tolerance: tolerances.moments };
  const posterior = new DiagonalGaussian(moments);
  const rebuilt = decode(params, posterior.mean, config);
  yield { name: 'full rec', error: await distance(rebuilt, file, 'full.rec'), tolerance: tolerances.pixels };
  for (const tensor of [clip, moments, rebuilt]) tensor.dispose();
  posterior.dispose();
  disposeParams(params);
};
