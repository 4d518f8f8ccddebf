import { expect, it } from 'vitest';

import * as odVae from './index.ts';

it('exports what the package promises and nothing else', () => {
  expect(Object.keys(odVae).toSorted()).toEqual([
    'ClipPosterior',
    'DiagonalGaussian',
    'OdVae',
    'clipOfFrames',
    'currentBackend',
    'estimateMemory',
    'frameOfPicture',
    'officialTiling',
    'openLatents',
    'paperTiling',
    'planTiling',
    'readLatentsFile',
    'saveMemoryTiling',
    'scriptTiling',
    'tilingText',
    'useBackend',
    'useBestBackend',
    'v11Tiling',
    'writeLatentsFile',
  ]);
});
