import { expect, it } from 'vitest';

import * as models from './index.ts';

it('exports what the package promises and nothing else', () => {
  expect(Object.keys(models).toSorted()).toEqual([
    'DiagonalGaussian',
    'assertFits',
    'blockNamed',
    'countOdVaeParams',
    'decode',
    'decodeSteps',
    'describeConfig',
    'encode',
    'encodeSteps',
    'exportOdVaeParams',
    'fromStored',
    'loadOdVaeParams',
    'odVaeSpec',
    'parseConfig',
    'peakValues',
    'releases',
    'storedParams',
    'strides',
    'toStored',
    'variants',
  ]);
});
