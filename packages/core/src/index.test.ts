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
    'checkpointed',
    'constant',
    'consume',
    'countParams',
    'defineKernel',
    'disposeParams',
    'foldTime',
    'fromStored',
    'fusableKernels',
    'gradientKernelsOf',
    'initParams',
    'kernelParam',
    'listNames',
    'mapParams',
    'mapSpec',
    'normalSource',
    'param',
    'paramLeaves',
    'paramTensors',
    'referenceOf',
    'scaleParam',
    'sizeOf',
    'sliceFrames',
    'storedShape',
    'toStored',
    'unfoldTime',
    'uniform',
    'uniformSource',
    'withOpenTape',
  ]);
});
