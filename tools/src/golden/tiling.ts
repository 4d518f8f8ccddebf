import { disposeParams } from '@od-vae/core';
import { decode, DiagonalGaussian, encode } from '@od-vae/models';
import { tiled, type Tiling } from '@od-vae/tiling';

import { basisOf, type GoldenCheck, metadataJson } from './check.ts';
import { distance, goldenClip, goldenModel } from './golden-model.ts';

interface TilingCase {
  key: string;
  x: number[];
  frames: number;
  latents: number;
  sample_size?: number;
  latent_size?: number;
  overlap?: number;
}

/** Tiled encoding, and tiled decoding of the latents that it gave. */
export const checkTiling: GoldenCheck = async function* ({ file, sibling, tolerances }) {
  const basis = basisOf(file);
  const [, prefix, folderFile] = /^(\w+) of (\w+)/.exec(file.metadata['model'] ?? '') ?? [];
  if (!prefix || !folderFile) throw new Error(`the metadata's "model" does not say "<model> of <file>"`);
  const models = metadataJson<Record<string, { config: unknown }>>(sibling(folderFile), 'models');
  const { config, params } = await goldenModel(models[prefix]!.config, prefix, basis);
  for (const one of metadataJson<TilingCase[]>(file, 'cases')) {
    const tiling = tilingOf(one);
    const clip = goldenClip(`${one.key}.x`, one.x, basis);
    const moments = tiled((x) => encode(params, x, config), { direction: 'encode', tiling })(clip);
    const posterior = new DiagonalGaussian(moments);
    const rebuilt = tiled((x) => decode(params, x, config), { direction: 'decode', tiling })(posterior.mean);
    yield {
      name: `${one.key} moments`,
      error: await distance(moments, file, `${one.key}.moments`),
      tolerance: tolerances.moments,
    };
    yield {
      name: `${one.key} rec`,
      error: await distance(rebuilt, file, `${one.key}.rec`),
      tolerance: tolerances.pixels,
    };
    for (const tensor of [clip, moments, rebuilt]) tensor.dispose();
    posterior.dispose();
  }
  disposeParams(params);
};

function tilingOf({ frames, latents, sample_size: sampleSize, latent_size: latentSize, overlap }: TilingCase): Tiling {
  if (sampleSize === undefined || latentSize === undefined) return { frames, latents };
  return { frames, latents, spatial: { sampleSize, latentSize, overlap: overlap ?? 0, official: true } };
}
