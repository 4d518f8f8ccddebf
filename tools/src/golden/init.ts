import { disposeParams } from '@od-vae/core';
import { inflateCheckpoint, type InflationMethod } from '@od-vae/initializers';
import {
  decode,
  DiagonalGaussian,
  encode,
  loadOdVaeParams,
  odVaeSpec,
  parseConfig,
  storedParams,
} from '@od-vae/models';

import { basisOf, type GoldenCheck, metadataJson } from './check.ts';
import { distance, goldenClip, goldenSource } from './golden-model.ts';

/** Video models inflated from an SD-VAE, on an image and on a clip. */
export const checkInit: GoldenCheck = async function* ({ file, sibling, tolerances }) {
  const basis = basisOf(file);
  const models = metadataJson<Record<string, { config: unknown }>>(sibling('models'), 'models');
  const image = parseConfig(models['sd_vae']!.config);
  const source = goldenSource(image, 'sd_vae', basis);
  const all = casesOf(file.tensors.keys());
  for (const method of new Set(all.map((one) => one.method))) {
    const cases = all.filter((one) => one.method === method);
    const config = method === 'sd_vae' ? image : parseConfig(models['variant4']!.config);
    const inflated =
      method === 'sd_vae'
        ? source
        : inflateCheckpoint(source, storedParams(odVaeSpec(config)), { method: method as InflationMethod });
    const params = await loadOdVaeParams(inflated, config);
    for (const { prefix, clip: key } of cases) {
      const moments = file.tensors.get(`${prefix}.moments`)!;
      const [batch, , time, height, width] = moments.shape as [number, number, number, number, number];
      const frames = file.tensors.get(`${prefix}.rec`)?.shape[2] ?? time * 4 - 3;
      const clip = goldenClip(`init.${key}.x`, [batch, 3, frames, height * 8, width * 8], basis);
      const encoded = encode(params, clip, config);
      yield {
        name: `${prefix} moments`,
        error: await distance(encoded, file, `${prefix}.moments`),
        tolerance: tolerances.moments,
      };
      if (file.tensors.has(`${prefix}.rec`)) {
        const posterior = new DiagonalGaussian(encoded);
        const rebuilt = decode(params, posterior.mean, config);
        yield {
          name: `${prefix} rec`,
          error: await distance(rebuilt, file, `${prefix}.rec`),
          tolerance: tolerances.pixels,
        };
        rebuilt.dispose();
        posterior.dispose();
      }
      clip.dispose();
      encoded.dispose();
    }
    disposeParams(params);
  }
};

/** `tail.t5.moments` is the clip `t5` through the tail-initialized model. */
function casesOf(names: Iterable<string>): { prefix: string; method: string; clip: string }[] {
  return [...names].flatMap((name) => {
    const match = /^((\w+)\.(\w+))\.moments$/.exec(name);
    return match ? [{ prefix: match[1]!, method: match[2]!, clip: match[3]! }] : [];
  });
}
