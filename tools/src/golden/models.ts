import { disposeParams } from '@od-vae/core';
import { countOdVaeParams, decode, DiagonalGaussian, encode, parseConfig } from '@od-vae/models';

import { basisOf, type GoldenCheck, metadataJson } from './check.ts';
import { distance, goldenClip, goldenModel } from './golden-model.ts';

interface ModelEntry {
  config: unknown;
  params: number;
  cases: { key: string; x: number[]; kl: number }[];
}

/** Encoder, decoder, divergence and parameter count of every model of the file. */
export const checkModels: GoldenCheck = async function* ({ file, tolerances }) {
  const basis = basisOf(file);
  for (const [prefix, { config: official, params: count, cases }] of Object.entries(
    metadataJson<Record<string, ModelEntry>>(file, 'models'),
  )) {
    yield {
      name: `${prefix} parameters`,
      error: Math.abs(countOdVaeParams(parseConfig(official)).total - count),
      tolerance: 0,
    };
    const { config, params } = await goldenModel(official, prefix, basis);
    for (const { key, x, kl } of cases) {
      const clip = goldenClip(`${key}.x`, x, basis);
      const moments = encode(params, clip, config);
      const posterior = new DiagonalGaussian(moments);
      const rebuilt = decode(params, posterior.mean, config);
      const divergence = posterior.kl();
      yield {
        name: `${key} moments`,
        error: await distance(moments, file, `${key}.moments`),
        tolerance: tolerances.moments,
      };
      yield { name: `${key} rec`, error: await distance(rebuilt, file, `${key}.rec`), tolerance: tolerances.pixels };
      const [actual] = await divergence.data();
      yield { name: `${key} kl`, error: Math.abs(actual! - kl) / Math.abs(kl), tolerance: tolerances.moments };
      for (const tensor of [clip, moments, rebuilt, divergence]) tensor.dispose();
      posterior.dispose();
    }
    disposeParams(params);
  }
};
