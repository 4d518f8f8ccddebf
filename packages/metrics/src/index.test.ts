import { expect, it } from 'vitest';

import * as metrics from './index.ts';

it('exports what the package promises and nothing else', () => {
  expect(Object.keys(metrics).toSorted()).toEqual([
    'SSIM_WINDOW',
    'VideoQuality',
    'maskedPsnr',
    'psnr',
    'ssim',
    'vcpr',
  ]);
});
