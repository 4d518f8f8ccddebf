import type { SourceTensor, TensorSource } from '@od-vae/core';
import { type OfficialConfig, odVaeSpec, parseConfig, storedParams } from '@od-vae/models';
import { describe, expect, it } from 'vitest';

import { ARCHITECTURES, architectureNamed } from './architectures.ts';
import { configFromShapes } from './config-from-shapes.ts';

const WIDTHS = { hidden_size: 24, hidden_size_mult: [1, 2, 3, 3], num_res_blocks: 3, z_channels: 6, embed_dim: 5 };

/** A checkpoint that has shapes alone. */
function shapesOf(official: OfficialConfig): TensorSource {
  const tensors = storedParams(odVaeSpec(parseConfig(official))).map(({ name, shape }): [string, SourceTensor] => [
    name,
    { shape, float32: () => Promise.reject(new Error('no values are needed')) },
  ]);
  return { label: 'shapes', tensors: new Map(tensors) };
}

describe('configFromShapes', () => {
  it.each(ARCHITECTURES.map(({ name, preset }) => [name, preset] as const))('finds the widths of %s', (_, preset) => {
    const official = { ...preset, ...WIDTHS, norm_num_groups: 8 };
    expect(configFromShapes(shapesOf(official), preset, { normNumGroups: 8 })).toEqual(official);
  });

  it('finds that there are no quantization convolutions, and what the caller alone knows', () => {
    const { preset } = architectureNamed({});
    const official = { ...preset, use_quant_layer: false, embed_dim: 4 };
    expect(configFromShapes(shapesOf(official), preset, { scalingFactor: 0.5 })).toEqual({
      ...official,
      scaling_factor: 0.5,
    });
  });

  it('names the kernel that it misses, and the width that is no multiple', () => {
    const { preset } = architectureNamed({});
    const source = shapesOf(preset);
    const without = new Map(source.tensors);
    without.delete('encoder.conv_in.weight');
    expect(() => configFromShapes({ label: 'x', tensors: without }, preset)).toThrow(
      'x: the widths are read from a kernel "encoder.conv_in.weight", which is missing.',
    );
    const odd = new Map(source.tensors);
    odd.set('encoder.down.1.block.0.conv1.weight', {
      ...source.tensors.values().next().value!,
      shape: [200, 128, 3, 3],
    });
    expect(() => configFromShapes({ label: 'x', tensors: odd }, preset)).toThrow('level 1 has 200 channels');
  });
});
