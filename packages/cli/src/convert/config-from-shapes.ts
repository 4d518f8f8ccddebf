import { CheckpointError, type TensorSource } from '@od-vae/core';
import type { OfficialConfig } from '@od-vae/models';

/** What a checkpoint's shapes do not tell. */
export interface UnseenConfig {
  /** Groups of every norm; 32 by default. */
  readonly normNumGroups?: number | undefined;
  /** Written where the source has one of its own. */
  readonly scalingFactor?: number | undefined;
}

const MAX_LEVELS = 16;
const MAX_BLOCKS = 64;

/**
 * The config of an architecture with the widths of a checkpoint: hidden size, multipliers, blocks a level, channels of
 * the latents, and whether there are quantization convolutions.
 *
 * @param source weights under Open-Sora-Plan's or CompVis' names, of a video VAE or an SD-VAE
 * @throws CheckpointError when a weight that tells a width is missing, or no multiple of the hidden size
 */
export function configFromShapes(
  source: TensorSource,
  preset: OfficialConfig,
  { normNumGroups, scalingFactor }: UnseenConfig = {},
): OfficialConfig {
  const hidden = outChannels(source, 'encoder.conv_in');
  const levels = countWhile(MAX_LEVELS, (level) => has(source, `encoder.down.${level}.block.0.conv1`));
  const zChannels = shapeOf(source, 'decoder.conv_in')[1]!;
  const moments = outChannels(source, 'encoder.conv_out');
  const quantized = has(source, 'quant_conv');
  const doubleZ = moments === 2 * zChannels;
  return {
    ...preset,
    hidden_size: hidden,
    hidden_size_mult: Array.from({ length: levels }, (_, level) => multiplier(source, level, hidden)),
    num_res_blocks: countWhile(MAX_BLOCKS, (block) => has(source, `encoder.down.0.block.${block}.conv1`)),
    z_channels: zChannels,
    double_z: doubleZ,
    embed_dim: quantized ? outChannels(source, 'quant_conv') / (doubleZ ? 2 : 1) : zChannels,
    ...(quantized ? {} : { use_quant_layer: false }),
    ...(normNumGroups === undefined ? {} : { norm_num_groups: normNumGroups }),
    ...(scalingFactor === undefined ? {} : { scaling_factor: scalingFactor }),
  };
}

/** A causal convolution keeps its weight in a child `conv`. */
function shapeIn({ tensors }: TensorSource, name: string): readonly number[] | undefined {
  return (tensors.get(`${name}.conv.weight`) ?? tensors.get(`${name}.weight`))?.shape;
}

function has(source: TensorSource, name: string): boolean {
  return shapeIn(source, name) !== undefined;
}

function shapeOf(source: TensorSource, name: string): readonly number[] {
  const shape = shapeIn(source, name);
  if (shape === undefined || shape.length < 4) {
    const found = shape ? `is [${shape}]` : 'is missing';
    throw new CheckpointError(`${source.label}: the widths are read from a kernel "${name}.weight", which ${found}.`);
  }
  return shape;
}

function outChannels(source: TensorSource, name: string): number {
  return shapeOf(source, name)[0]!;
}

function multiplier(source: TensorSource, level: number, hidden: number): number {
  const width = outChannels(source, `encoder.down.${level}.block.0.conv1`);
  if (width % hidden !== 0) {
    throw new CheckpointError(
      `${source.label}: level ${level} has ${width} channels, which is no multiple of the ${hidden} of encoder.conv_in.`,
    );
  }
  return width / hidden;
}

function countWhile(limit: number, holds: (index: number) => boolean): number {
  let count = 0;
  while (count < limit && holds(count)) count += 1;
  return count;
}
