import { expect, it } from 'vitest';

import * as tiling from './index.ts';

it('exports what the package promises and nothing else', () => {
  expect(Object.keys(tiling).toSorted()).toEqual([
    'officialTiling',
    'paperTiling',
    'planTiles',
    'saveMemoryTiling',
    'scriptTiling',
    'temporalTiles',
    'temporallyTiled',
    'tiled',
    'tiledAsync',
    'tiledGroups',
    'tiledStream',
    'v11Tiling',
    'windows',
  ]);
});
