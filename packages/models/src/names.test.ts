import { readFileSync } from 'node:fs';

import { paramLeaves, scaleParam } from '@od-vae/core';
import { describe, expect, it } from 'vitest';

import { sdVae } from '../fixtures/tiny-model.ts';
import { type OfficialConfig, parseConfig } from './config.ts';
import { storedName, storedParams } from './names.ts';
import { odVaeSpec } from './od-vae.ts';
import { releases, variants } from './presets.ts';

const published = JSON.parse(
  readFileSync(new URL('../fixtures/state-dict-shapes.json', import.meta.url), 'utf8'),
) as Record<string, Record<string, number[]>>;

const CONFIGS: Record<string, OfficialConfig> = {
  'v1.2.0_ODVAE_variant4': variants[4],
  'v1.1.0': releases['v1.1'],
  'v1.0.0': releases['v1.0'],
  variant1: variants[1],
  variant2: variants[2],
  variant3: variants[3],
  sd_vae_compvis: sdVae,
};

describe('storedParams', () => {
  it('knows all seven published lists', () => {
    expect(Object.keys(CONFIGS)).toEqual(Object.keys(published));
  });

  it.each(Object.keys(CONFIGS))('names, shapes and orders the weights of %s as its state dict does', (key) => {
    const stored = storedParams(odVaeSpec(parseConfig(CONFIGS[key])));
    expect(stored.map(({ name, shape }) => [name, shape])).toEqual(Object.entries(published[key]!));
  });

  it('knows the path of each weight in the tree', () => {
    const spec = odVaeSpec(parseConfig(variants[4]));
    const paths = storedParams(spec).map(({ path }) => path);
    expect(paths).toEqual([...paramLeaves(spec)].map(({ path }) => path.join('.')));
    expect(new Set(paths).size).toBe(248);
  });
});

describe('storedName', () => {
  it.each([
    ['encoder.levels.1.resampleTime.mixFactor', 'mix_factor', 'encoder.down.1.time_downsample.mix_factor'],
    ['decoder.levels.3.resampleSpace.conv.weight', 'conv.weight', 'decoder.up.3.upsample.conv.conv.weight'],
    ['encoder.levels.0.attentions.1.query.weight', 'weight', 'encoder.down.0.attn.1.q.weight'],
    ['decoder.levels.2.resampleTime.residual.norm1.scale', 'weight', 'decoder.up.2.time_upsample.res.norm1.weight'],
    ['postQuant.bias', 'conv.bias', 'post_quant_conv.conv.bias'],
  ])('of %s (%s) is %s', (path, stored, name) => {
    expect(storedName(path.split('.'), scaleParam(1, stored))).toBe(name);
  });
});
