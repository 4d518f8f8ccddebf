import { expect, it } from 'vitest';
import * as video from './index.ts';

it('exports what it should and nothing else', () => {
  expect(Object.keys(video).sort()).toEqual([
    'checkEngines',
    'codecReport',
    'createVideoWriter',
    'openVideo',
    'probeVideo',
    'resizePixels',
  ]);
});
