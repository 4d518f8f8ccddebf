import { expect, it } from 'vitest';

import * as losses from './index.ts';

it('exports what the package promises and nothing else', () => {
  expect(Object.keys(losses).toSorted()).toEqual([
    'absoluteDifference',
    'adaptiveWeight',
    'adversarialLoss',
    'batchNorm',
    'defaultDiscriminator',
    'discriminatorLoss',
    'discriminatorSpec',
    'discriminatorStatisticsSpec',
    'featureDistance',
    'generatorLoss',
    'klDivergence',
    'loadDiscriminator',
    'loadLpips',
    'lpips',
    'lpipsFeatures',
    'lpipsSpec',
    'patchDiscriminator',
    'reconstructionLoss',
    'sampleLatents',
    'zeroPaddedConv3d',
  ]);
});
