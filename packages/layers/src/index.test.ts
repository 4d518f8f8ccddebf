import { fusableKernels } from '@od-vae/core';
import { expect, it } from 'vitest';

import * as layers from './index.ts';

it('exports what the package promises and nothing else', () => {
  expect(Object.keys(layers).toSorted()).toEqual([
    'attentionSpec',
    'averageTime',
    'causalConv3d',
    'causalConv3dSpec',
    'conv2dSpec',
    'conv3dSpec',
    'groupNorm',
    'groupNormSilu',
    'groupNormSpec',
    'mixClips',
    'perFrame',
    'pickFrames',
    'resnetBlock',
    'resnetBlockSpec',
    'scaledDotProduct',
    'scrambledAttention',
    'spatialAttention',
    'temporalAttention',
    'upsampleConv3d',
    'upsampleSpace',
    'upsampleTime',
  ]);
});

it('names the ops that a backend may fuse', () => {
  expect(fusableKernels()).toEqual([
    'CausalConv3D',
    'GroupNorm',
    'GroupNormSilu',
    'SpatialAttention',
    'UpsampleCausalConv3D',
  ]);
});
