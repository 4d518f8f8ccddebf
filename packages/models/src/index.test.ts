import { expect, it } from 'vitest';

import * as models from './index.ts';

it('exports what the package promises and nothing else', () => {
  expect(Object.keys(models).toSorted()).toEqual([
    'DiagonalGaussian',
    'assertClip',
    'assertFits',
    'assertLatents',
    'blockNamed',
    'countOdVaeParams',
    'decode',
    'decodeHidden',
    'decodePixels',
    'decodeSteps',
    'describeConfig',
    'encode',
    'encodeSteps',
    'exportOdVaeParams',
    'loadOdVaeParams',
    'odVaeSpec',
    'parseConfig',
    'peakValues',
    'releases',
    'storedParams',
    'strides',
    'variants',
  ]);
});
