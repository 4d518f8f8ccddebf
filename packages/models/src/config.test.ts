import { ConfigError } from '@od-vae/core';
import { describe, expect, it } from 'vitest';

import { type OfficialConfig, parseConfig } from './config.ts';
import { variants } from './presets.ts';

describe('parseConfig', () => {
  it("takes the official class's defaults for an empty config", () => {
    const config = parseConfig({});
    expect(config).toMatchObject({
      hiddenSize: 128,
      zChannels: 4,
      latentChannels: 4,
      doubleZ: true,
      blocksPerLevel: 2,
      normGroups: 32,
      quantConv: 'CausalConv3d',
      scalingFactor: 0.18215,
      official: {},
    });
    expect(config.encoder).toEqual({
      convIn: 'CausalConv3d',
      convOut: 'CausalConv3d',
      attention: 'AttnBlock3D',
      middleBlock: 'ResnetBlock3D',
      levels: [128, 256, 512, 512].map((channels, level) => ({
        channels,
        resnetBlock: 'ResnetBlock3D',
        attention: false,
        spatial: level < 3 ? 'SpatialDownsample2x' : '',
        temporal: level === 1 || level === 2 ? 'TimeDownsample2x' : '',
      })),
    });
    expect(config.decoder).toEqual({
      convIn: 'CausalConv3d',
      convOut: 'CausalConv3d',
      attention: 'AttnBlock3D',
      middleBlock: 'ResnetBlock3D',
      levels: [128, 256, 512, 512].map((channels, level) => ({
        channels,
        resnetBlock: 'ResnetBlock3D',
        attention: false,
        spatial: level > 0 ? 'SpatialUpsample2x' : '',
        temporal: level > 1 ? 'TimeUpsample2x' : '',
      })),
    });
  });

  it('keeps the official config key for key, unknown keys included', () => {
    const official = { ...variants[4], lr: 1e-5, _name_or_path: 'somewhere', loss_params: { kl_weight: 1e-6 } };
    expect(parseConfig(official).official).toEqual(official);
  });

  it('reads the channels of the latents from where the quantization layers end', () => {
    expect(parseConfig({ z_channels: 8, embed_dim: 4 })).toMatchObject({ zChannels: 8, latentChannels: 4 });
    expect(parseConfig({ z_channels: 8, embed_dim: 4, use_quant_layer: false })).toMatchObject({
      latentChannels: 8,
      quantConv: undefined,
    });
  });

  it('puts attention where a level works at one of the attention resolutions', () => {
    const { encoder, decoder } = parseConfig({ resolution: 256, attn_resolutions: [64, 32] });
    expect(encoder.levels.map(({ attention }) => attention)).toEqual([false, false, true, true]);
    expect(decoder.levels.map(({ attention }) => attention)).toEqual([false, false, true, true]);
  });

  it('follows any number of levels', () => {
    const lists: OfficialConfig = {
      hidden_size_mult: [1, 2],
      encoder_resnet_blocks: ['ResnetBlock2D', 'ResnetBlock3D'],
      encoder_spatial_downsample: ['Downsample', ''],
      encoder_temporal_downsample: ['', ''],
      decoder_resnet_blocks: ['ResnetBlock2D', 'ResnetBlock3D'],
      decoder_spatial_upsample: ['', 'Upsample'],
      decoder_temporal_upsample: ['', ''],
    };
    expect(parseConfig(lists).encoder.levels.map(({ channels }) => channels)).toEqual([128, 256]);
  });

  it.each<[string, unknown, string]>([
    [
      'a block that nobody knows',
      { encoder_resnet_blocks: ['ResnetBlock2D', 'ResnetBlock4D', 'ResnetBlock3D', 'ResnetBlock3D'] },
      'config.json: encoder_resnet_blocks.1: Invalid option: expected one of "ResnetBlock2D"|"ResnetBlock3D"|"ResnetBlockMixed", but is ',
    ],
    [
      'a width that is no number',
      { hidden_size: 'wide' },
      'config.json: hidden_size: Invalid input: expected number, received string.',
    ],
    ['a width of zero', { hidden_size: 0 }, 'config.json: hidden_size: Too small: expected number to be >0, but is 0.'],
    [
      'a width beyond reason',
      { hidden_size: 1e6 },
      'config.json: hidden_size: Too big: expected number to be <=65536, but is 1000000.',
    ],
    [
      'a list of another length',
      { decoder_temporal_upsample: ['', ''] },
      'config.json: decoder_temporal_upsample has 2 entries, but hidden_size_mult has 4 levels.',
    ],
    [
      'a sampler on the last level',
      { encoder_spatial_downsample: ['', '', '', 'Downsample'] },
      'config.json: encoder_spatial_downsample ends with "Downsample", but the last level must not resample ("").',
    ],
    [
      'a time sampler on the last level',
      { encoder_temporal_downsample: ['', '', '', 'TimeDownsample2x'] },
      'config.json: encoder_temporal_downsample ends with "TimeDownsample2x", but the last level must not resample ("").',
    ],
    [
      'widths that do not divide into the groups',
      { hidden_size: 48 },
      'config.json: every width must be divisible by norm_num_groups (32), but one is 48.',
    ],
    ['no object at all', 'variant 4', 'config.json: Invalid input: expected object, received string'],
    ['two mistakes', { double_z: 1, resolution: 0 }, 'config.json: resolution: '],
  ])('refuses %s', (_, official, sentence) => {
    expect(() => parseConfig(official)).toThrow(ConfigError);
    expect(() => parseConfig(official)).toThrow(sentence);
  });

  it('names every mistake at once, as far as they can be read', () => {
    expect(() => parseConfig({ resolution: 0, double_z: 1 })).toThrow(/resolution: .*; double_z: /);
    const names = Array<string>(16).fill('x'.repeat(100));
    expect(() => parseConfig({ encoder_resnet_blocks: names })).toThrow(/, but is "x{59}…; .*; and 12 more\.$/);
  });
});
