import { countParams, mapSpec, sliceFrames } from '@od-vae/core';
import { goldenWeight, largestDifference, noiseClip, scoped, useBackend, useLeakGuard } from '@od-vae/test-utils';
import { add, concat, tensor, type Tensor, zerosLike } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

import { leftBehind } from '../fixtures/left-behind.ts';
import { causalConv3d } from './causal-conv3d.ts';
import { groupNormSilu } from './group-norm.ts';
import { perFrame } from './per-frame.ts';
import { addClips, type Convolution, resnetBlock, type ResnetBlockParams, resnetBlockSpec } from './resnet-block.ts';

useBackend('cpu');
useLeakGuard();

const FLOAT32 = 1e-5;
const options = { groups: 2 };

function paramsFor(inChannels: number, outChannels: number, convolution: Convolution): ResnetBlockParams {
  return mapSpec(resnetBlockSpec(inChannels, outChannels, convolution), ({ shape }, path) =>
    tensor(goldenWeight(path.join('.'), shape), [...shape]),
  );
}

const distance = (a: Tensor, b: Tensor) => {
  expect(a.shape).toEqual(b.shape);
  return largestDifference(a.dataSync(), b.dataSync());
};

describe('resnetBlock', () => {
  it.each(['2d', 'mixed', '3d'] as const)('adds two rounds of norm, SiLU and convolution to its input (%s)', (kind) => {
    scoped(() => {
      const params = paramsFor(4, 4, kind);
      const x = noiseClip('x', [1, 3, 4, 4, 4]);
      const first = causalConv3d(params.conv1, groupNormSilu(params.norm1, x, options));
      const second = causalConv3d(params.conv2, groupNormSilu(params.norm2, first, options));
      expect(distance(resnetBlock(params, x, options), add(x, second))).toBeLessThan(FLOAT32);
    })();
  });

  it(
    'takes the input through the shortcut where the channels change',
    scoped(() => {
      const params = paramsFor(4, 6, '3d');
      const x = noiseClip('x', [2, 2, 4, 4, 4]);
      const silent = { weight: zerosLike(params.conv2.weight), bias: zerosLike(params.conv2.bias) };
      const y = resnetBlock({ ...params, conv2: silent }, x, options);
      expect(distance(y, causalConv3d(params.shortcut!, x))).toBe(0);
      expect(distance(resnetBlock(params, x, options), y)).toBeGreaterThan(0.1);
    }),
  );

  it.each([
    [4, false],
    [6, true],
  ])('frees an input that it owns where a shortcut has read it: to %i channels %s', (outChannels, freed) => {
    scoped(() => {
      const params = paramsFor(4, outChannels, '3d');
      const x = noiseClip('x', [1, 2, 4, 4, 4]);
      const expected = resnetBlock(params, x, options);
      expect(x.isDisposed).toBe(false);
      expect(distance(resnetBlock(params, x, { ...options, ownsInput: true }), expected)).toBe(0);
      expect(x.isDisposed).toBe(freed);
    })();
  });

  it(
    'as a 2d block run per frame, treats a clip as its images',
    scoped(() => {
      const params = paramsFor(4, 6, '2d');
      const block = perFrame((x) => resnetBlock(params, x, options));
      const x = noiseClip('x', [1, 3, 4, 4, 4]);
      const frames = [0, 1, 2].map((frame) => block(sliceFrames(x, frame, frame + 1)));
      expect(distance(block(x), concat(frames, 1))).toBeLessThan(FLOAT32);
      expect(distance(resnetBlock(params, x, options), block(x))).toBeGreaterThan(10 * FLOAT32);
    }),
  );

  it(
    'leaves nothing behind but its output',
    scoped(() => {
      const params = paramsFor(4, 6, '3d');
      const x = noiseClip('x', [1, 2, 4, 4, 4]);
      expect(leftBehind(() => resnetBlock(params, x, options))).toBe(0);
    }),
  );
});

describe('resnetBlockSpec', () => {
  it.each([
    ['2d', 1, 1, 2 * (9 * 16 + 4) + 16],
    ['mixed', 3, 1, 27 * 16 + 9 * 16 + 8 + 16],
    ['3d', 3, 3, 2 * (27 * 16 + 4) + 16],
  ] as const)('of a %s block has kernels of %i and %i taps', (kind, first, second, count) => {
    const spec = resnetBlockSpec(4, 4, kind);
    expect([spec.conv1.weight.shape[0], spec.conv2.weight.shape[0]]).toEqual([first, second]);
    expect(spec.shortcut).toBeUndefined();
    expect(countParams(spec)).toBe(count);
  });

  it.each([
    ['2d', 'conv2d', 'weight'],
    ['mixed', 'conv3d', 'conv.weight'],
    ['3d', 'conv3d', 'conv.weight'],
  ] as const)('of a %s block stores its shortcut as %s', (kind, layout, storedName) => {
    expect(resnetBlockSpec(4, 8, kind).shortcut?.weight).toMatchObject({ shape: [1, 1, 1, 4, 8], layout, storedName });
  });
});

describe('addClips', () => {
  it(
    'adds value by value',
    scoped(() => {
      const [a, b] = [noiseClip('a', [2, 2, 1, 2, 3]), noiseClip('b', [2, 2, 1, 2, 3])];
      expect(distance(addClips(a, b), add(a, b))).toBe(0);
    }),
  );
});
