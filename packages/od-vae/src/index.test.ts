import { expect, it } from 'vitest';

import * as odVae from './index.ts';

it('exports what the package promises and nothing else', () => {
  expect(Object.keys(odVae).toSorted()).toEqual([
    'ClipPosterior',
    'DiagonalGaussian',
    'OdVae',
    'clipOfFrames',
    'currentBackend',
    'frameOfPicture',
    'officialTiling',
    'openLatents',
    'paperTiling',
    'readLatentsFile',
    'useBackend',
    'useBestBackend',
    'writeLatentsFile',
  ]);
});
