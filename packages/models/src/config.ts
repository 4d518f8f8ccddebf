import { ConfigError } from '@od-vae/core';
import { z } from 'zod';

/** Convolutions that a config may name for its first, last and quantization layers. */
export const CONVOLUTIONS = ['CausalConv3d', 'Conv2d'] as const;

/** Residual blocks; `ResnetBlockMixed` (3D, then 2D) is variant 2's and this project's own name. */
export const RESNET_BLOCKS = ['ResnetBlock2D', 'ResnetBlock3D', 'ResnetBlockMixed'] as const;

/** Attention blocks; `AttnBlock3D` is v1.0's, with its mixed-up axes. */
export const ATTENTION_BLOCKS = ['AttnBlock', 'AttnBlock3D', 'AttnBlock3DFix', 'TemporalAttnBlock'] as const;

/** What may follow the blocks of an encoder level, in space. */
export const SPATIAL_DOWNSAMPLERS = [
  '',
  'Downsample',
  'SpatialDownsample2x',
  'Spatial2x3DDownsample',
  'Spatial2xTime2x3DDownsample',
] as const;

/** What may follow the blocks of a decoder level, in space. */
export const SPATIAL_UPSAMPLERS = [
  '',
  'Upsample',
  'SpatialUpsample2x',
  'Spatial2x3DUpsample',
  'Spatial2xTime2x3DUpsample',
] as const;

/** What may follow the spatial down-sampler, in time. */
export const TEMPORAL_DOWNSAMPLERS = ['', 'TimeDownsample2x', 'TimeDownsampleRes2x', 'TimeDownsampleResAdv2x'] as const;

/** What may follow the spatial up-sampler, in time. */
export const TEMPORAL_UPSAMPLERS = ['', 'TimeUpsample2x', 'TimeUpsampleRes2x', 'TimeUpsampleResAdv2x'] as const;

const channels = z.int().positive().max(65_536);
const four = <T extends readonly string[]>(names: T, otherwise: readonly T[number][]) =>
  z
    .array(z.enum(names))
    .min(1)
    .max(16)
    .default([...otherwise]);

/** Keys and class defaults of Open-Sora-Plan's `CausalVAEModel`, plus `norm_num_groups` and `scaling_factor`. */
const officialSchema = z.looseObject({
  hidden_size: channels.default(128),
  z_channels: channels.default(4),
  hidden_size_mult: z.array(z.int().positive().max(1024)).min(1).max(16).default([1, 2, 4, 4]),
  attn_resolutions: z.array(z.int().positive()).max(16).default([]),
  resolution: z.int().positive().max(65_536).default(256),
  double_z: z.boolean().default(true),
  embed_dim: channels.default(4),
  num_res_blocks: z.int().positive().max(64).default(2),
  norm_num_groups: channels.default(32),
  q_conv: z.enum(CONVOLUTIONS).default('CausalConv3d'),
  use_quant_layer: z.boolean().default(true),
  encoder_conv_in: z.enum(CONVOLUTIONS).default('CausalConv3d'),
  encoder_conv_out: z.enum(CONVOLUTIONS).default('CausalConv3d'),
  encoder_attention: z.enum(ATTENTION_BLOCKS).default('AttnBlock3D'),
  encoder_resnet_blocks: four(RESNET_BLOCKS, Array(4).fill('ResnetBlock3D')),
  encoder_spatial_downsample: four(SPATIAL_DOWNSAMPLERS, [...Array(3).fill('SpatialDownsample2x'), '']),
  encoder_temporal_downsample: four(TEMPORAL_DOWNSAMPLERS, ['', 'TimeDownsample2x', 'TimeDownsample2x', '']),
  encoder_mid_resnet: z.enum(RESNET_BLOCKS).default('ResnetBlock3D'),
  decoder_conv_in: z.enum(CONVOLUTIONS).default('CausalConv3d'),
  decoder_conv_out: z.enum(CONVOLUTIONS).default('CausalConv3d'),
  decoder_attention: z.enum(ATTENTION_BLOCKS).default('AttnBlock3D'),
  decoder_resnet_blocks: four(RESNET_BLOCKS, Array(4).fill('ResnetBlock3D')),
  decoder_spatial_upsample: four(SPATIAL_UPSAMPLERS, ['', ...Array(3).fill('SpatialUpsample2x')]),
  decoder_temporal_upsample: four(TEMPORAL_UPSAMPLERS, ['', '', 'TimeUpsample2x', 'TimeUpsample2x']),
  decoder_mid_resnet: z.enum(RESNET_BLOCKS).default('ResnetBlock3D'),
  scaling_factor: z.number().positive().default(0.18215),
});

/** Open-Sora-Plan's `config.json`, with the class's defaults where a key is missing. Unknown keys are allowed. */
export type OfficialConfig = z.input<typeof officialSchema>;

/** One level of the encoder or decoder, 0 the outermost; the encoder runs them upwards, the decoder downwards. */
export interface LevelConfig<Spatial extends string, Temporal extends string> {
  readonly channels: number;
  readonly resnetBlock: (typeof RESNET_BLOCKS)[number];
  /** Attention after each residual block. */
  readonly attention: boolean;
  readonly spatial: Spatial;
  readonly temporal: Temporal;
}

/** Encoder or decoder as a value. */
export interface CoderConfig<Level> {
  readonly convIn: (typeof CONVOLUTIONS)[number];
  readonly convOut: (typeof CONVOLUTIONS)[number];
  readonly attention: (typeof ATTENTION_BLOCKS)[number];
  readonly middleBlock: (typeof RESNET_BLOCKS)[number];
  readonly levels: readonly Level[];
}

/** A level of the encoder. */
export type EncoderLevel = LevelConfig<(typeof SPATIAL_DOWNSAMPLERS)[number], (typeof TEMPORAL_DOWNSAMPLERS)[number]>;

/** A level of the decoder. */
export type DecoderLevel = LevelConfig<(typeof SPATIAL_UPSAMPLERS)[number], (typeof TEMPORAL_UPSAMPLERS)[number]>;

/** Everything that decides a model's shape; {@link parseConfig} makes it from an official `config.json`. */
export interface OdVaeConfig {
  readonly hiddenSize: number;
  /** Channels of what the decoder reads. */
  readonly zChannels: number;
  /** Channels of the latents. */
  readonly latentChannels: number;
  /** Whether the encoder gives mean and log-variance (else a mean alone). */
  readonly doubleZ: boolean;
  readonly blocksPerLevel: number;
  readonly normGroups: number;
  /** The 1x1x1 convolutions around the latents, or undefined where the config has none. */
  readonly quantConv: (typeof CONVOLUTIONS)[number] | undefined;
  readonly encoder: CoderConfig<EncoderLevel>;
  readonly decoder: CoderConfig<DecoderLevel>;
  /** What a diffusion model multiplies latents with; applied by the caller. */
  readonly scalingFactor: number;
  /** The `config.json` that this was read from, key for key. */
  readonly official: OfficialConfig;
}

/**
 * The model that an official `config.json` describes: missing keys take the class's defaults, unknown keys are kept.
 *
 * @throws ConfigError that names the key, what it may be and what it is.
 */
export function parseConfig(official: unknown): OdVaeConfig {
  const result = officialSchema.safeParse(official);
  if (!result.success) throw new ConfigError(`config.json: ${sentence(result.error, official)}.`);
  const config = result.data;
  const levels = config.hidden_size_mult.length;
  for (const key of LEVEL_LISTS) {
    if (config[key].length !== levels) {
      throw new ConfigError(
        `config.json: ${key} has ${config[key].length} entries, but hidden_size_mult has ${levels} levels.`,
      );
    }
  }
  assertSamplersInside(config);
  assertGroups(config);
  return {
    hiddenSize: config.hidden_size,
    zChannels: config.z_channels,
    latentChannels: config.use_quant_layer ? config.embed_dim : config.z_channels,
    doubleZ: config.double_z,
    blocksPerLevel: config.num_res_blocks,
    normGroups: config.norm_num_groups,
    quantConv: config.use_quant_layer ? config.q_conv : undefined,
    encoder: encoderConfig(config),
    decoder: decoderConfig(config),
    scalingFactor: config.scaling_factor,
    official: official as OfficialConfig,
  };
}

type Parsed = z.output<typeof officialSchema>;

const LEVEL_LISTS = [
  'encoder_resnet_blocks',
  'encoder_spatial_downsample',
  'encoder_temporal_downsample',
  'decoder_resnet_blocks',
  'decoder_spatial_upsample',
  'decoder_temporal_upsample',
] as const;

function encoderConfig(config: Parsed): CoderConfig<EncoderLevel> {
  let resolution = config.resolution;
  const levels = config.hidden_size_mult.map((multiplier, level): EncoderLevel => {
    const attention = config.attn_resolutions.includes(resolution);
    const spatial = config.encoder_spatial_downsample[level]!;
    if (spatial) resolution = Math.floor(resolution / 2);
    return {
      channels: config.hidden_size * multiplier,
      resnetBlock: config.encoder_resnet_blocks[level]!,
      attention,
      spatial,
      temporal: config.encoder_temporal_downsample[level]!,
    };
  });
  return {
    convIn: config.encoder_conv_in,
    convOut: config.encoder_conv_out,
    attention: config.encoder_attention,
    middleBlock: config.encoder_mid_resnet,
    levels,
  };
}

function decoderConfig(config: Parsed): CoderConfig<DecoderLevel> {
  let resolution = Math.floor(config.resolution / 2 ** (config.hidden_size_mult.length - 1));
  const levels: DecoderLevel[] = [];
  for (let level = config.hidden_size_mult.length - 1; level >= 0; level--) {
    const spatial = config.decoder_spatial_upsample[level]!;
    levels[level] = {
      channels: config.hidden_size * config.hidden_size_mult[level]!,
      resnetBlock: config.decoder_resnet_blocks[level]!,
      attention: config.attn_resolutions.includes(resolution),
      spatial,
      temporal: config.decoder_temporal_upsample[level]!,
    };
    if (spatial) resolution *= 2;
  }
  return {
    convIn: config.decoder_conv_in,
    convOut: config.decoder_conv_out,
    attention: config.decoder_attention,
    middleBlock: config.decoder_mid_resnet,
    levels,
  };
}

/** The official encoder feeds its middle with the last block's output, so a sampler on the last level would be ignored. */
function assertSamplersInside(config: Parsed): void {
  for (const key of ['encoder_spatial_downsample', 'encoder_temporal_downsample'] as const) {
    const last = config[key].at(-1);
    if (last)
      throw new ConfigError(`config.json: ${key} ends with "${last}", but the last level must not resample ("").`);
  }
}

function assertGroups(config: Parsed): void {
  const widths = [config.hidden_size, ...config.hidden_size_mult.map((multiplier) => multiplier * config.hidden_size)];
  const odd = widths.find((width) => width % config.norm_num_groups !== 0);
  if (odd !== undefined) {
    throw new ConfigError(
      `config.json: every width must be divisible by norm_num_groups (${config.norm_num_groups}), but one is ${odd}.`,
    );
  }
}

/** As many mistakes are told at once. */
const MAX_MISTAKES = 4;

/** Longest value that is shown whole. */
const MAX_SHOWN = 60;

function sentence({ issues }: z.ZodError, official: unknown): string {
  const told = issues.slice(0, MAX_MISTAKES).map(({ path, code, message }) => {
    const is = code === 'invalid_type' ? '' : `, but is ${shown(valueAt(official, path))}`;
    return `${path.length > 0 ? `${path.join('.')}: ` : ''}${message}${is}`;
  });
  const more = issues.length - told.length;
  return `${told.join('; ')}${more > 0 ? `; and ${more} more` : ''}`;
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((inner, key) => (inner as Record<PropertyKey, unknown>)?.[key], value);
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'missing';
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}
