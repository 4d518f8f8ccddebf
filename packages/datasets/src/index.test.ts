import { expect, it } from 'vitest';

import * as datasets from './index.ts';

it('exports what the package promises and nothing else', () => {
  expect(Object.keys(datasets).toSorted()).toEqual([
    'VideoFolder',
    'clipBatches',
    'clipTensor',
    'findVideos',
    'frameWindow',
    'readAhead',
    'sampleOrder',
  ]);
});
