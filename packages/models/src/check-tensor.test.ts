import { disposeParams, initParams } from '@od-vae/core';
import { scoped, useBackend, useLeakGuard } from '@od-vae/test-utils';
import { ones, type Tensor5D, zeros } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';

import { assertClip, assertLatents } from './check-tensor.ts';
import { parseConfig } from './config.ts';
import { encode, type OdVaeParams, odVaeSpec } from './od-vae.ts';
import { DiagonalGaussian } from './posterior.ts';
import { variants } from './presets.ts';

useBackend('cpu');
useLeakGuard();

function disposedClip(): Tensor5D {
  const clip: Tensor5D = zeros([1, 1, 8, 8, 3]);
  clip.dispose();
  return clip;
}

const expected = 'a tensor [batch, time, height, width, 3]';

it.each<[string, () => unknown, string]>([
  ['nothing', () => undefined, `the clip must be ${expected}, but is missing.`],
  ['null', () => null, `the clip must be ${expected}, but is null.`],
  ['a promise', () => Promise.resolve(), `the clip must be ${expected}, but is a Promise. Add \`await\`.`],
  [
    'plain values',
    () => new Float32Array(3),
    `the clip must be ${expected}, but is an object (Float32Array). Make a tensor of it: tensor5d(values, shape).`,
  ],
  ['a disposed tensor', disposedClip, 'the clip must be a tensor in use, but is disposed.'],
  [
    'no batch axis',
    () => zeros([1, 8, 8, 3]),
    'needs [batch, time, height, width, 3], but the clip is [1,8,8,3]. Add the batch axis: expandDims(0).',
  ],
  [
    'channels first',
    () => zeros([1, 3, 5, 8, 8]),
    'needs [batch, time, height, width, 3], but the clip is [1,3,5,8,8]. Move the channels last: transpose([0, 2, 3, 4, 1]).',
  ],
  [
    'an empty batch',
    () => zeros([0, 1, 8, 8, 3]),
    'the clip must have at least one value on each axis, but is [0,1,8,8,3].',
  ],
  [
    'integer pixels',
    () => ones([1, 1, 8, 8, 3], 'int32'),
    'the clip must be float32, but is int32. Convert pixels of 0 to 255 to values in [-1, 1]: clipFromPixels(pixels) of od-vae.',
  ],
  [
    'booleans',
    () => ones([1, 1, 8, 8, 3], 'bool'),
    'the clip must be float32, but is bool. Convert pixels of 0 to 255 to values in [-1, 1]: clipFromPixels(pixels) of od-vae.',
  ],
])('assertClip refuses %s', (_, make, message) =>
  scoped(() => expect(() => assertClip('encode', make() as Tensor5D)).toThrow(`encode: ${message}`))(),
);

it(
  'assertLatents refuses a posterior and names its methods',
  scoped(() => {
    using posterior = new DiagonalGaussian(zeros([1, 1, 1, 1, 8]));
    expect(() => assertLatents('decode', posterior as unknown as Tensor5D, 4)).toThrow(
      'decode: the latents must be a tensor [batch, time, height, width, 4], but are a posterior. Take latents from it: posterior.mode() or posterior.sample().',
    );
  }),
);

it(
  'encode refuses a disposed or missing model',
  scoped(() => {
    const config = parseConfig({ ...variants[4], hidden_size: 32 });
    const params = initParams(odVaeSpec(config), { seed: 1 });
    disposeParams(params);
    const clip: Tensor5D = zeros([1, 1, 8, 8, 3]);
    expect(() => encode(params, clip, config)).toThrow('encode: the model is disposed.');
    const promised = Promise.resolve(params) as unknown as OdVaeParams;
    expect(() => encode(promised, clip, config)).toThrow(
      'encode: params must be the weights of a model, but are a Promise. Add `await`.',
    );
  }),
);
