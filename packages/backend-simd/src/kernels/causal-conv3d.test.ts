import '@od-vae/layers';
import { useBackend, useLeakGuard } from '@od-vae/test-utils';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { useAllBackends } from '../../fixtures/backends.ts';
import { channels, clips, convolutionKernels, rounding, strides } from '../../fixtures/convolutions.ts';
import { noise } from '../../fixtures/values.ts';
import { convolutionTiles } from '../tasks/convolution-tiles.ts';
import { winogradTiles } from '../tasks/winograd-tiles.ts';
import { causalConv3d, convolutionGeometry, upsampleCausalConv3d } from './causal-conv3d.ts';

useBackend('cpu');
useLeakGuard();
const expectReference = useAllBackends();

function inputsOf(x: number[], weight: number[]) {
  return { x: noise('x', x), weight: noise('weight', weight), bias: noise('bias', [weight[4]!]) };
}

describe('CausalConv3D', () => {
  it('computes its reference for any shape, stride and border, on any number of threads', () => {
    fc.assert(
      fc.property(
        clips,
        convolutionKernels,
        fc.integer({ min: 1, max: 4 }),
        strides,
        (clip, [tall, wide, border], taps, steps) => {
          const grow = border === 'around' ? 0 : 2;
          const x = [clip.batch, clip.time, clip.height + grow, clip.width + grow, clip.inChannels];
          const weight = [taps, tall, wide, clip.inChannels, clip.outChannels];
          expectReference(
            causalConv3d,
            inputsOf(x, weight),
            { strides: steps, border },
            rounding(taps * tall * wide * 20),
          );
        },
      ),
      { numRuns: 60 },
    );
  });

  it.each([
    ['an image of one pixel', [1, 1, 1, 1, 3], [3, 3, 3, 3, 4], [1, 1, 1]],
    ['more pixels than a tile, at a width that fills no block', [1, 5, 37, 45, 4], [3, 3, 3, 4, 9], [1, 1, 1]],
    ['a clip of patches that fill no block', [1, 4, 15, 14, 16], [3, 3, 3, 16, 20], [1, 1, 1]],
    ['more patches than a tile, in several parts', [1, 11, 37, 21, 144], [3, 3, 3, 144, 40], [1, 1, 1]],
    ['patches of six rows, the last of them cut off', [1, 2, 11, 29, 16], [3, 3, 3, 16, 12], [1, 1, 1]],
    ['pairs of frames, one left over, of two clips', [2, 6, 5, 6, 128], [3, 3, 3, 128, 20], [1, 1, 1]],
    ['a clip of two frames, no pair', [1, 2, 7, 5, 128], [3, 3, 3, 128, 4], [1, 1, 1]],
    ['frames that never meet', [2, 3, 9, 9, 32], [1, 3, 3, 32, 8], [1, 1, 1]],
    ['four taps in time', [1, 6, 5, 6, 16], [4, 3, 3, 16, 4], [1, 1, 1]],
    ['weights in several parts', [1, 3, 5, 6, 300], [3, 3, 3, 300, 24], [1, 1, 1]],
    ['many small images', [9, 1, 8, 8, 16], [1, 3, 3, 16, 16], [1, 1, 1]],
    ['frames that are skipped', [1, 9, 9, 9, 16], [3, 3, 3, 16, 16], [2, 1, 1]],
    ['a clip that is halved', [1, 9, 35, 33, 8], [3, 3, 3, 8, 8], [2, 2, 2]],
  ])('takes %s', (_, x, weight, strides) => {
    expectReference(causalConv3d, inputsOf(x, weight), { strides, border: 'around' }, rounding(27 * weight[3]!));
  });
});

describe('UpsampleCausalConv3D', () => {
  it('computes its reference for any shape, in both modes, with and without time', () => {
    fc.assert(
      fc.property(
        clips,
        fc.constantFrom('trilinear', 'nearest'),
        fc.boolean(),
        fc.constantFrom(1, 3),
        (clip, mode, time, taps) => {
          const x = [clip.batch, clip.time, clip.height, clip.width, clip.inChannels];
          const weight = [taps, 3, 3, clip.inChannels, clip.outChannels];
          expectReference(upsampleCausalConv3d, inputsOf(x, weight), { time, mode }, rounding(27 * 20));
        },
      ),
      { numRuns: 40 },
    );
  });

  it.each(['trilinear', 'nearest'])('takes more pixels than a tile, %s', (mode) => {
    const inputs = inputsOf([1, 3, 21, 19, 4], [3, 3, 3, 4, 8]);
    expectReference(upsampleCausalConv3d, inputs, { time: true, mode }, rounding(27 * 4));
  });
});

describe.each([
  ['convolutionTiles', convolutionTiles],
  ['winogradTiles', winogradTiles],
])('%s', (_, cut) => {
  it('covers each output once', () => {
    fc.assert(
      fc.property(
        fc.tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 90 }), fc.integer({ min: 1, max: 90 })),
        channels,
        fc.constantFrom(1, 2),
        fc.constantFrom(8, 16),
        fc.integer({ min: 1, max: 16 }),
        ([time, height, width], outChannels, timeStride, blockColumns, threads) => {
          const options = { strides: [timeStride, 1, 1], border: 'around' } as const;
          const geometry = convolutionGeometry([2, time, height, width, 16], [3, 3, 3, 16, outChannels], options);
          const sizes = cut(geometry, { blockColumns, threads }).map(
            ({ frames, rows, columns, panels }) => frames * rows * columns * panels,
          );
          const { output } = geometry;
          const panels = Math.ceil(outChannels / blockColumns);
          expect(sizes.reduce((sum, count) => sum + count)).toBe(
            2 * output.time * output.height * output.width * panels,
          );
        },
      ),
    );
  });
});
