import { expect, it } from 'vitest';

import * as initializers from './index.ts';

it('exports what the package promises and nothing else', () => {
  expect(Object.keys(initializers).toSorted()).toEqual([
    'averageInflation',
    'diracKernel',
    'imageName',
    'inflateCheckpoint',
    'randomInflation',
    'tailInflation',
  ]);
});
