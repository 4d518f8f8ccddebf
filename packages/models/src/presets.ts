import type { OfficialConfig } from './config.ts';

const COMMON = {
  _class_name: 'CausalVAEModel',
  hidden_size: 128,
  z_channels: 4,
  hidden_size_mult: [1, 2, 4, 4],
  attn_resolutions: [],
  dropout: 0,
  resolution: 256,
  double_z: true,
  embed_dim: 4,
  num_res_blocks: 2,
  q_conv: 'CausalConv3d',
  encoder_conv_in: 'CausalConv3d',
  encoder_conv_out: 'CausalConv3d',
  encoder_attention: 'AttnBlock3DFix',
  encoder_mid_resnet: 'ResnetBlock3D',
  encoder_temporal_downsample: ['', '', '', ''],
  decoder_conv_in: 'CausalConv3d',
  decoder_conv_out: 'CausalConv3d',
  decoder_attention: 'AttnBlock3DFix',
  decoder_mid_resnet: 'ResnetBlock3D',
  decoder_temporal_upsample: ['', '', '', ''],
} satisfies OfficialConfig;

const ALL_3D = Array<'ResnetBlock3D'>(4).fill('ResnetBlock3D');
const OUTER_2D: OfficialConfig['encoder_resnet_blocks'] = [
  'ResnetBlock2D',
  'ResnetBlock2D',
  'ResnetBlock3D',
  'ResnetBlock3D',
];
const ALL_MIXED = Array<'ResnetBlockMixed'>(4).fill('ResnetBlockMixed');
const SPACE_TIME_DOWN = 'Spatial2xTime2x3DDownsample';
const SPACE_TIME_UP = 'Spatial2xTime2x3DUpsample';

/** The paper's four variants (Figure 2), full width, as official configs; the paper does not fix every layer of 1 to 3. */
export const variants = {
  /** Every convolution is 3D. 244,505,319 parameters. */
  1: {
    ...COMMON,
    encoder_resnet_blocks: ALL_3D,
    encoder_spatial_downsample: ['SpatialDownsample2x', SPACE_TIME_DOWN, SPACE_TIME_DOWN, ''],
    decoder_resnet_blocks: ALL_3D,
    decoder_spatial_upsample: ['', 'SpatialUpsample2x', SPACE_TIME_UP, SPACE_TIME_UP],
  },
  /** Half of the 3D convolutions are 2D: the second of every residual block. 171,072,231 parameters. */
  2: {
    ...COMMON,
    encoder_mid_resnet: 'ResnetBlockMixed',
    decoder_mid_resnet: 'ResnetBlockMixed',
    encoder_resnet_blocks: ALL_MIXED,
    encoder_spatial_downsample: ['SpatialDownsample2x', SPACE_TIME_DOWN, SPACE_TIME_DOWN, ''],
    decoder_resnet_blocks: ALL_MIXED,
    decoder_spatial_upsample: ['', 'SpatialUpsample2x', SPACE_TIME_UP, SPACE_TIME_UP],
  },
  /** The outer levels of encoder and decoder are 2D. 228,861,159 parameters. */
  3: {
    ...COMMON,
    encoder_conv_in: 'Conv2d',
    decoder_conv_out: 'Conv2d',
    encoder_resnet_blocks: OUTER_2D,
    encoder_spatial_downsample: ['Downsample', SPACE_TIME_DOWN, SPACE_TIME_DOWN, ''],
    decoder_resnet_blocks: OUTER_2D,
    decoder_spatial_upsample: ['', 'SpatialUpsample2x', SPACE_TIME_UP, SPACE_TIME_UP],
  },
  /** OD-VAE: the outer levels of the encoder are 2D, the decoder is 3D. 239,189,991 parameters. */
  4: {
    ...COMMON,
    encoder_conv_in: 'Conv2d',
    encoder_resnet_blocks: OUTER_2D,
    encoder_spatial_downsample: ['Downsample', SPACE_TIME_DOWN, SPACE_TIME_DOWN, ''],
    decoder_resnet_blocks: ALL_3D,
    decoder_spatial_upsample: ['', 'SpatialUpsample2x', SPACE_TIME_UP, SPACE_TIME_UP],
  },
} as const satisfies Record<number, OfficialConfig>;

/** The published releases of Open-Sora-Plan's video VAE; `v1.2` is OD-VAE, variant 4. */
export const releases = {
  /** All 3D, the time resamplers without weights, and an attention that mixes up its axes. 229,169,895 parameters. */
  'v1.0': {
    ...COMMON,
    encoder_attention: 'AttnBlock3D',
    decoder_attention: 'AttnBlock3D',
    encoder_resnet_blocks: ALL_3D,
    encoder_spatial_downsample: ['SpatialDownsample2x', 'SpatialDownsample2x', 'SpatialDownsample2x', ''],
    encoder_temporal_downsample: ['TimeDownsample2x', 'TimeDownsample2x', '', ''],
    decoder_resnet_blocks: ALL_3D,
    decoder_spatial_upsample: ['', 'SpatialUpsample2x', 'SpatialUpsample2x', 'SpatialUpsample2x'],
    decoder_temporal_upsample: ['', '', 'TimeUpsample2x', 'TimeUpsample2x'],
  },
  /** 2D outer encoder levels and learned time resamplers. 246,859,499 parameters. */
  'v1.1': {
    ...COMMON,
    encoder_conv_in: 'Conv2d',
    encoder_resnet_blocks: OUTER_2D,
    encoder_spatial_downsample: ['Downsample', 'Downsample', 'Downsample', ''],
    encoder_temporal_downsample: ['', 'TimeDownsampleRes2x', 'TimeDownsampleRes2x', ''],
    decoder_resnet_blocks: ALL_3D,
    decoder_spatial_upsample: ['', 'SpatialUpsample2x', 'SpatialUpsample2x', 'SpatialUpsample2x'],
    decoder_temporal_upsample: ['', '', 'TimeUpsampleRes2x', 'TimeUpsampleRes2x'],
  },
  'v1.2': variants[4],
} as const satisfies Record<string, OfficialConfig>;
