import { expect, it } from 'vitest';

import * as odVae from './index.ts';

it('exports what the package promises and nothing else', () => {
  expect(Object.keys(odVae).toSorted()).toEqual([
    'ClipPosterior',
    'DiagonalGaussian',
    'OdVae',
    'checkClip',
    'clipFromPixels',
    'clipOfFrames',
    'currentBackend',
    'encodeLatents',
    'estimateMemory',
    'frameOfPicture',
    'fromPyTorch',
    'hasHalfStorage',
    'isSoftwareGpu',
    'mayStart',
    'modelInfo',
    'officialTiling',
    'openLatents',
    'paperTiling',
    'planTiling',
    'readLatentsFile',
    'saveMemoryTiling',
    'scriptTiling',
    'tilingText',
    'toPyTorch',
    'useBackend',
    'useBestBackend',
    'useStorage',
    'v11Tiling',
    'writeLatentsFile',
  ]);
});
