import { readFileSync } from 'node:fs';

import { kernelParam, paramLeaves, scaleParam } from '@od-vae/core';
import { describe, expect, it } from 'vitest';

import { sdVae } from '../fixtures/tiny-model.ts';
import { type OfficialConfig, parseConfig } from './config.ts';
import { fromStored, storedName, storedParams, toStored } from './names.ts';
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

describe('fromStored', () => {
  it('turns [out, in, time, height, width] to [time, height, width, in, out]', () => {
    const spec = kernelParam([2, 1, 2, 3, 2], 'weight', 'conv3d');
    const stored = Float32Array.from({ length: 24 }, (_, index) => index);
    const ours = fromStored(stored, spec);
    for (const [out, channel, time, column] of [
      [0, 0, 0, 0],
      [1, 2, 1, 1],
      [1, 0, 0, 1],
      [0, 2, 1, 0],
    ] as const) {
      const theirs = ((out * 3 + channel) * 2 + time) * 2 + column;
      expect(ours[((time * 2 + column) * 3 + channel) * 2 + out]).toBe(theirs);
    }
  });

  it('leaves a vector as it is', () => {
    const values = new Float32Array([1, 2, 3]);
    expect(fromStored(values, scaleParam(3))).toBe(values);
  });
});

describe('toStored', () => {
  it.each([
    ['conv3d', kernelParam([3, 3, 3, 4, 5], 'weight', 'conv3d')],
    ['conv2d', kernelParam([1, 3, 3, 4, 5], 'weight', 'conv2d')],
    ['plain', scaleParam(540)],
  ] as const)('undoes fromStored (%s)', (_, spec) => {
    const values = Float32Array.from({ length: spec.shape.reduce((a, b) => a * b, 1) }, (_value, index) => index);
    expect(toStored(fromStored(values, spec), spec)).toEqual(values);
    expect(fromStored(toStored(values, spec), spec)).toEqual(values);
  });
});
