import { expect, it } from 'vitest';

import * as core from './index.ts';

it('exports what the package promises and nothing else', () => {
  expect(Object.keys(core).toSorted()).toEqual([
    'BackendError',
    'CheckpointError',
    'ConfigError',
    'MediaError',
    'OdVaeError',
    'ShapeError',
    'biasParam',
    'constant',
    'consume',
    'countParams',
    'defineKernel',
    'disposeParams',
    'foldTime',
    'fusableKernels',
    'gradientKernelsOf',
    'initParams',
    'kernelParam',
    'listNames',
    'mapSpec',
    'normalSource',
    'oneLine',
    'param',
    'paramLeaves',
    'referenceOf',
    'scaleParam',
    'sizeOf',
    'sliceFrames',
    'unfoldTime',
    'uniform',
    'uniformSource',
    'withOpenTape',
  ]);
});
