import { CheckpointError } from '@od-vae/core/base';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

import { detectFamily, type NamedFamily } from './family.ts';
import { type Renamed, renameTensors } from './rename-tensors.ts';

type ShapeList = Record<string, number[]>;

const lists = JSON.parse(
  readFileSync(new URL('../fixtures/names/state-dicts.json', import.meta.url), 'utf8'),
) as Record<string, ShapeList>;

const FAMILIES: readonly NamedFamily[] = ['open-sora-plan', 'compvis', 'diffusers'];

const shapesOf = (list: ShapeList): Map<string, number[]> => new Map(Object.entries(list));

function apply(renamed: ReadonlyMap<string, Renamed>): Map<string, readonly number[]> {
  return new Map(Array.from(renamed.values(), ({ name, shape }) => [name, shape]));
}

function rename(names: ShapeList, to: NamedFamily): Record<string, readonly number[]> {
  return Object.fromEntries(apply(renameTensors(shapesOf(names), to)));
}

/** Modules of a sampler that no release has, but the source code does. */
const residualSampler: ShapeList = {
  'encoder.conv_in.conv.weight': [4, 3, 3, 3, 3],
  'encoder.down.0.time_downsample.res.conv1.conv.weight': [4, 4, 3, 3, 3],
  'encoder.down.0.time_downsample.res.conv1.conv.bias': [4],
  'encoder.down.0.time_downsample.attn.q.weight': [4, 4, 1, 1, 1],
  'encoder.down.0.time_downsample.conv.weight': [4, 4, 3, 3, 3],
  'encoder.down.0.time_downsample.mix_factor': [1],
  'encoder.down.0.attn.1.q.conv.weight': [4, 4, 1, 1, 1],
  'encoder.down.0.attn.1.norm.bias': [4],
  'decoder.up.0.time_upsample.conv.conv.weight': [4, 4, 3, 3, 3],
  'decoder.up.0.time_upsample.attn.proj_out.bias': [4],
  'decoder.up.0.time_upsample.attn.proj_out.weight': [4, 4, 1, 1, 1],
  'decoder.up.0.attn.0.v.conv.bias': [4],
  'decoder.up.0.attn.0.v.conv.weight': [4, 4, 1, 1, 1],
};

describe('renameTensors', () => {
  const cases = Object.entries({ ...lists, residualSampler }).flatMap(([title, list]) =>
    FAMILIES.map((family) => ({ title, list, family })),
  );

  it.each(cases)('takes $title to $family and back', ({ list, family }) => {
    const original = shapesOf(list);
    const home = detectFamily(original.keys()) as NamedFamily;
    const away = apply(renameTensors(original, family));
    expect(away.size).toBe(original.size);
    const back = apply(renameTensors(away, home));
    expect(back).toEqual(original);
  });

  it('knows the family of every list', () => {
    const families = Object.entries(lists).map(([title, list]) => `${title}: ${detectFamily(Object.keys(list))}`);
    expect(families).toEqual([
      'v1.2.0_ODVAE_variant4: open-sora-plan',
      'v1.1.0: open-sora-plan',
      'v1.0.0: open-sora-plan',
      'variant1: open-sora-plan',
      'variant2: open-sora-plan',
      'variant3: open-sora-plan',
      'sd_vae_compvis: compvis',
      'sd_vae_diffusers: diffusers',
    ]);
  });

  it('gives SD-VAE the names and shapes that diffusers gives it', () => {
    expect(rename(lists['sd_vae_compvis']!, 'diffusers')).toEqual(lists['sd_vae_diffusers']);
  });

  it('gives the released OD-VAE the names of SD-VAE in CompVis, which it grew from', () => {
    const compvis = rename(lists['v1.2.0_ODVAE_variant4']!, 'compvis');
    expect(Object.keys(compvis).toSorted()).toEqual(Object.keys(lists['sd_vae_compvis']!).toSorted());
  });

  it('counts the levels of the decoder from the other end', () => {
    const renamed = renameTensors(shapesOf(lists['v1.2.0_ODVAE_variant4']!), 'diffusers');
    expect(renamed.get('decoder.up.0.block.2.conv1.conv.weight')?.name).toBe(
      'decoder.up_blocks.3.resnets.2.conv1.conv.weight',
    );
    expect(renamed.get('decoder.up.3.upsample.conv.conv.bias')?.name).toBe(
      'decoder.up_blocks.0.upsamplers.0.conv.conv.bias',
    );
    expect(renamed.get('encoder.down.2.block.0.nin_shortcut.conv.weight')?.name).toBe(
      'encoder.down_blocks.2.resnets.0.conv_shortcut.conv.weight',
    );
    expect(renamed.get('decoder.mid.attn_1.q.conv.weight')).toEqual({
      name: 'decoder.mid_block.attentions.0.to_q.conv.weight',
      shape: [512, 512, 1, 1, 1],
    });
  });

  it('names the samplers over time in the manner of diffusers', () => {
    const renamed = renameTensors(shapesOf(lists['v1.1.0']!), 'diffusers');
    expect(renamed.get('encoder.down.1.time_downsample.mix_factor')?.name).toBe(
      'encoder.down_blocks.1.time_downsamplers.0.mix_factor',
    );
    expect(renamed.get('decoder.up.3.time_upsample.conv.conv.weight')?.name).toBe(
      'decoder.up_blocks.0.time_upsamplers.0.conv.conv.weight',
    );
  });

  it('reads the attention names that diffusers had before, and writes those of today', () => {
    const old = {
      'decoder.mid_block.attentions.0.query.weight': [4, 4],
      'decoder.mid_block.attentions.0.key.weight': [4, 4, 1, 1],
      'decoder.mid_block.attentions.0.value.bias': [4],
      'decoder.mid_block.attentions.0.proj_attn.weight': [4, 4],
    };
    expect(rename(old, 'compvis')).toEqual({
      'decoder.mid.attn_1.q.weight': [4, 4, 1, 1],
      'decoder.mid.attn_1.k.weight': [4, 4, 1, 1],
      'decoder.mid.attn_1.v.bias': [4],
      'decoder.mid.attn_1.proj_out.weight': [4, 4, 1, 1],
    });
    expect(Object.keys(rename(old, 'diffusers'))).toEqual([
      'decoder.mid_block.attentions.0.to_q.weight',
      'decoder.mid_block.attentions.0.to_k.weight',
      'decoder.mid_block.attentions.0.to_v.bias',
      'decoder.mid_block.attentions.0.to_out.0.weight',
    ]);
  });

  it.each<[string, ShapeList, NamedFamily, string]>([
    ['names of no family', { 'layers.0.weight': [1] }, 'compvis', '"layers.0.weight" fit the names of no family'],
    [
      'a module that no rule knows',
      { 'decoder.up_blocks.0.resnets.0.spatial_res_block.norm1.weight': [1] },
      'compvis',
      'fit no rule between the names of Open-Sora-Plan and of diffusers',
    ],
    [
      'a causal convolution that is not rank 5',
      { 'encoder.mid.block_1.conv1.conv.weight': [4, 4, 3, 3] },
      'compvis',
      'must have 5 dimensions to be told apart, but it has 4',
    ],
    ['a bias whose weight is not there', { 'encoder.mid.block_1.conv1.conv.bias': [4] }, 'compvis', 'but it has none'],
    [
      'old and new names together',
      { 'encoder.mid_block.attentions.0.query.bias': [4], 'encoder.mid_block.attentions.0.to_q.bias': [4] },
      'compvis',
      'would both become "encoder.mid.attn_1.q.bias"',
    ],
  ])('refuses %s', (_, list, family, message) => {
    expect(() => rename(list, family)).toThrow(CheckpointError);
    expect(() => rename(list, family)).toThrow(message);
  });
});
