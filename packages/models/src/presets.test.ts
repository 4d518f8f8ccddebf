import { describe, expect, it } from 'vitest';

import { sdVae } from '../fixtures/tiny-model.ts';
import { parseConfig } from './config.ts';
import { describeConfig } from './describe-config.ts';
import { countOdVaeParams, strides } from './od-vae.ts';
import { releases, variants } from './presets.ts';

// No backend is registered in this file, so allocating a tensor would throw.
const published = [
  ['variant 1', variants[1], 244_505_319, 99_714_696, 144_790_531],
  ['variant 2', variants[2], 171_072_231, 68_454_024, 102_618_115],
  ['variant 3', variants[3], 228_861_159, 94_399_368, 134_461_699],
  ['variant 4', variants[4], 239_189_991, 94_399_368, 144_790_531],
  ['release v1.0', releases['v1.0'], 229_169_895, 93_816_456, 135_353_347],
  ['release v1.1', releases['v1.1'], 246_859_499, 97_349_258, 149_510_149],
  ['release v1.2', releases['v1.2'], 239_189_991, 94_399_368, 144_790_531],
  ['SD-VAE', sdVae, 83_653_863, 34_163_592, 49_490_179],
] as const;

describe.each(published)('%s', (name, official, total, encoder, decoder) => {
  it('has as many parameters as published, counted without a tensor', () => {
    expect(countOdVaeParams(parseConfig(official))).toEqual({
      total,
      encoder,
      decoder,
      quant: total - encoder - decoder,
    });
  });

  it('compresses 8 times in space, and 4 times in time where it sees time', () => {
    expect(strides(parseConfig(official))).toEqual({ time: name === 'SD-VAE' ? 1 : 4, space: 8 });
  });
});

describe('describeConfig', () => {
  it.each([
    ['variant 1', variants[1]],
    ['variant 2', variants[2]],
    ['variant 3', variants[3]],
    ['variant 4 (release v1.2)', variants[4]],
    ['release v1.0', releases['v1.0']],
    ['release v1.1', releases['v1.1']],
    ['variant 4 (release v1.2)', releases['v1.2']],
    ['variant 4 (release v1.2)', { ...variants[4], hidden_size: 32, norm_num_groups: 8, num_res_blocks: 1 }],
    ['custom', sdVae],
    ['custom', { ...variants[4], use_quant_layer: false }],
  ] as const)('says %s', (description, official) => {
    expect(describeConfig(parseConfig(official))).toBe(description);
  });
});
