// The paper's claim about initialization: an image goes through the inflated video model as through the image model.
import { disposeParams } from '@od-vae/core';
import { inflateCheckpoint } from '@od-vae/initializers';
import {
  decode,
  DiagonalGaussian,
  encode,
  loadOdVaeParams,
  odVaeSpec,
  type OdVaeConfig,
  type OdVaeParams,
  type OfficialConfig,
  parseConfig,
  releases,
  storedParams,
  variants,
} from '@od-vae/models';
import { GOLDEN_BASIS, largestDifference, noiseClip, readGolden, useBackend, useLeakGuard } from '@od-vae/test-utils';
import { concat, type Tensor5D, tidy } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { metadataJson } from './check.ts';
import { goldenSource } from './golden-model.ts';

useBackend('cpu');
useLeakGuard();

/** What two orders of the same float32 sums may differ by, through a whole model. */
const SAME = 1e-4;

const narrow = (official: OfficialConfig): OdVaeConfig =>
  parseConfig({ ...official, hidden_size: 8, hidden_size_mult: [1, 1, 2, 2], num_res_blocks: 1, norm_num_groups: 4 });

const golden = readGolden(new URL('../../../packages/models/fixtures/models.safetensors', import.meta.url));
const imageConfig = narrow(
  metadataJson<Record<string, { config: OfficialConfig }>>(golden, 'models')['sd_vae']!.config,
);

interface Passage {
  latents: Float32Array;
  pixels: Float32Array;
}

/** A clip through a model, with pixels repeated where the decoder enlarges. */
function pass(params: OdVaeParams, config: OdVaeConfig, clip: Tensor5D): Passage {
  let passage: Passage | undefined;
  tidy(() => {
    using posterior = new DiagonalGaussian(encode(params, clip, config));
    const rebuilt = decode(params, posterior.mean, config, { spatialUpsample: 'nearest' });
    passage = {
      latents: Float32Array.from(posterior.mean.dataSync()),
      pixels: Float32Array.from(rebuilt.dataSync()),
    };
  });
  return passage!;
}

let imageParams: OdVaeParams;
let image: Tensor5D;
let expected: Passage;
beforeAll(async () => {
  imageParams = await loadOdVaeParams(goldenSource(imageConfig, 'sd_vae', GOLDEN_BASIS), imageConfig);
  image = noiseClip('image', [1, 1, 16, 24, 3]);
  expected = pass(imageParams, imageConfig, image);
});
afterAll(() => {
  disposeParams(imageParams);
  image.dispose();
});

async function inflated(config: OdVaeConfig, method: 'tail' | 'average' | 'random'): Promise<OdVaeParams> {
  const source = goldenSource(imageConfig, 'sd_vae', GOLDEN_BASIS);
  return loadOdVaeParams(inflateCheckpoint(source, storedParams(odVaeSpec(config)), { method }), config);
}

describe.each([
  ['variant 1', variants[1]],
  ['variant 2', variants[2]],
  ['variant 3', variants[3]],
  ['variant 4', variants[4]],
  ['release v1.0', releases['v1.0']],
  ['release v1.1', releases['v1.1']],
] as const)('%s', (_, official) => {
  const config = narrow(official);

  it.each(['tail', 'average'] as const)('%s initialization leaves an image as the SD-VAE did', async (method) => {
    const params = await inflated(config, method);
    const { latents, pixels } = pass(params, config, image);
    expect(largestDifference(latents, expected.latents)).toBeLessThan(SAME);
    expect(largestDifference(pixels, expected.pixels)).toBeLessThan(SAME);
    disposeParams(params);
  });

  it('random initialization does not', async () => {
    const params = await inflated(config, 'random');
    expect(largestDifference(pass(params, config, image).pixels, expected.pixels)).toBeGreaterThan(100 * SAME);
    disposeParams(params);
  });
});

describe('variant 4', () => {
  const config = narrow(variants[4]);

  it('after tail initialization takes a still video for its image', async () => {
    const params = await inflated(config, 'tail');
    const still = concat<Tensor5D>(Array<Tensor5D>(5).fill(image), 1);
    const { latents, pixels } = pass(params, config, still);
    for (let frame = 0; frame < 5; frame++) {
      const size = expected.pixels.length;
      const rebuilt = pixels.subarray(frame * size, (frame + 1) * size);
      expect(largestDifference(rebuilt, expected.pixels)).toBeLessThan(SAME);
    }
    expect(latents).toHaveLength(2 * expected.latents.length);
    still.dispose();
    disposeParams(params);
  });

  it('as released, which enlarges linearly, decodes an image otherwise than the SD-VAE', async () => {
    const params = await inflated(config, 'tail');
    tidy(() => {
      using posterior = new DiagonalGaussian(encode(params, image, config));
      const released = decode(params, posterior.mean, config).dataSync();
      expect(largestDifference(released, expected.pixels)).toBeGreaterThan(100 * SAME);
    });
    disposeParams(params);
  });
});
