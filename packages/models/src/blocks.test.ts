import { countParams, initParams } from '@od-vae/core';
import { noiseClip, scoped, useBackend, useLeakGuard } from '@od-vae/test-utils';
import { memory } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

import { blockNamed, pointwiseConvolutions } from './blocks.ts';
import {
  ATTENTION_BLOCKS,
  CONVOLUTIONS,
  RESNET_BLOCKS,
  SPATIAL_DOWNSAMPLERS,
  SPATIAL_UPSAMPLERS,
  TEMPORAL_DOWNSAMPLERS,
  TEMPORAL_UPSAMPLERS,
} from './config.ts';

useBackend('cpu');
useLeakGuard();

const options = { groups: 4, spatialUpsample: 'trilinear' } as const;

/** What each block makes of `[1, 5, 4, 6, 8]`, and its parameters over 8 channels. */
const EXPECTED: Record<string, [shape: number[], params: number]> = {
  CausalConv3d: [[1, 5, 4, 6, 8], 27 * 64 + 8],
  Conv2d: [[1, 5, 4, 6, 8], 9 * 64 + 8],
  ResnetBlock2D: [[1, 5, 4, 6, 8], 2 * (9 * 64 + 8) + 32],
  ResnetBlock3D: [[1, 5, 4, 6, 8], 2 * (27 * 64 + 8) + 32],
  ResnetBlockMixed: [[1, 5, 4, 6, 8], 36 * 64 + 16 + 32],
  AttnBlock: [[1, 5, 4, 6, 8], 4 * 72 + 16],
  AttnBlock3D: [[1, 5, 4, 6, 8], 4 * 72 + 16],
  AttnBlock3DFix: [[1, 5, 4, 6, 8], 4 * 72 + 16],
  TemporalAttnBlock: [[1, 5, 4, 6, 8], 4 * 72 + 16],
  Downsample: [[1, 5, 2, 3, 8], 9 * 64 + 8],
  SpatialDownsample2x: [[1, 5, 2, 3, 8], 9 * 64 + 8],
  Spatial2x3DDownsample: [[1, 5, 2, 3, 8], 27 * 64 + 8],
  Spatial2xTime2x3DDownsample: [[1, 3, 2, 3, 8], 27 * 64 + 8],
  Upsample: [[1, 5, 8, 12, 8], 9 * 64 + 8],
  SpatialUpsample2x: [[1, 5, 8, 12, 8], 9 * 64 + 8],
  Spatial2x3DUpsample: [[1, 5, 8, 12, 8], 27 * 64 + 8],
  Spatial2xTime2x3DUpsample: [[1, 9, 8, 12, 8], 27 * 64 + 8],
  TimeDownsample2x: [[1, 3, 4, 6, 8], 0],
  TimeDownsampleRes2x: [[1, 3, 4, 6, 8], 27 * 64 + 9],
  TimeDownsampleResAdv2x: [[1, 3, 4, 6, 8], 3 * (27 * 64 + 8) + 32 + 4 * 72 + 16 + 1],
  TimeUpsample2x: [[1, 9, 4, 6, 8], 0],
  TimeUpsampleRes2x: [[1, 9, 4, 6, 8], 27 * 64 + 9],
  TimeUpsampleResAdv2x: [[1, 9, 4, 6, 8], 3 * (27 * 64 + 8) + 32 + 4 * 72 + 16 + 16 + 1],
};

const NAMES = [
  ...CONVOLUTIONS,
  ...RESNET_BLOCKS,
  ...ATTENTION_BLOCKS,
  ...SPATIAL_DOWNSAMPLERS,
  ...SPATIAL_UPSAMPLERS,
  ...TEMPORAL_DOWNSAMPLERS,
  ...TEMPORAL_UPSAMPLERS,
].filter((name) => name !== '');

describe('blockNamed', () => {
  it.each(NAMES)('%s has the parameters and gives the shape that its class says, and leaves nothing behind', (name) => {
    scoped(() => {
      const [shape, params] = EXPECTED[name]!;
      const block = blockNamed(name)!;
      const spec = block.spec(8, 8);
      expect(countParams(spec)).toBe(params);
      const weights = initParams(spec);
      const x = noiseClip('x', [1, 5, 4, 6, 8]);
      const before = memory().numTensors;
      const y = block.run(weights, x, options);
      expect(y.shape).toEqual(shape);
      expect(memory().numTensors).toBe(before + 1);
    })();
  });

  it.each(NAMES)('%s takes an image', (name) => {
    scoped(() => {
      const block = blockNamed(name)!;
      const y = block.run(initParams(block.spec(8, 8)), noiseClip('x', [1, 1, 4, 6, 8]), options);
      expect(y.shape[1]).toBe(1);
    })();
  });

  it.each(['', 'ResnetBlock4D', 'toString', 'constructor'])('gives undefined for "%s"', (name) => {
    expect(blockNamed(name)).toBeUndefined();
  });
});

describe('pointwiseConvolutions', () => {
  it.each([
    ['CausalConv3d', 'conv.weight', 'conv3d'],
    ['Conv2d', 'weight', 'conv2d'],
  ] as const)('%s has one tap, stored as %s', (name, storedName, layout) => {
    expect(pointwiseConvolutions[name].spec(8, 4)).toMatchObject({
      weight: { shape: [1, 1, 1, 8, 4], storedName, layout },
    });
  });
});
