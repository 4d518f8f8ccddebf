import '@od-vae/layers';
import { useLeakGuard } from '@od-vae/test-utils';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';

import {
  clips as anyClips,
  convolutionKernels,
  rounding,
  strides,
} from '../../../backend-simd/fixtures/convolutions.ts';
import {
  describeThreads,
  describeWebgpu,
  expectReference,
  noise,
  onSmallDevice,
  runOnWebgpu,
  webgpu,
  withThreads,
} from '../../fixtures/webgpu.ts';

/** Few enough kinds of channel counts that not each case compiles a program of its own. */
const clips = fc
  .tuple(anyClips, fc.constantFrom(3, 8, 20), fc.constantFrom(3, 8, 20))
  .map(([clip, inChannels, outChannels]) => ({ ...clip, inChannels, outChannels }));

function inputsOf(x: number[], weight: number[]) {
  return { x: noise('x', x), weight: noise('weight', weight), bias: noise('bias', [weight[4]!]) };
}

/** Of the largest result: sums of transformed values cancel. */
const WINOGRAD = 1e-5;

const PLAIN = { strides: [1, 1, 1], border: 'around' };

/** Programs that a convolution takes, once its result is the reference's. */
async function dispatchesOf(x: number[], weight: number[], maxBufferSize = 2 ** 27): Promise<number> {
  return onSmallDevice(maxBufferSize, async () => {
    const before = webgpu().dispatches;
    await expectReference('CausalConv3D', inputsOf(x, weight), PLAIN, WINOGRAD);
    return webgpu().dispatches - before;
  });
}

describeWebgpu('CausalConv3D', () => {
  useLeakGuard();

  it('computes its reference for any shape, stride and border', async () => {
    await fc.assert(
      fc.asyncProperty(
        clips,
        convolutionKernels,
        fc.integer({ min: 1, max: 4 }),
        strides,
        fc.boolean(),
        async (clip, [tall, wide, border], taps, steps, fewThreads) => {
          const grow = border === 'around' ? 0 : 2;
          const x = [clip.batch, clip.time, clip.height + grow, clip.width + grow, clip.inChannels];
          const weight = [taps, tall, wide, clip.inChannels, clip.outChannels];
          const terms = taps * tall * wide * clip.inChannels;
          const inputs = inputsOf(x, weight);
          await withThreads(fewThreads, () =>
            expectReference('CausalConv3D', inputs, { strides: steps, border }, rounding(terms)),
          );
        },
      ),
      { numRuns: 25 },
    );
  });
});

describeThreads('CausalConv3D', () => {
  useLeakGuard();

  it.each([
    ['frames together', [2, 5, 15, 18, 32], [3, 3, 3, 32, 36]],
    ['frame by frame', [1, 3, 31, 22, 32], [1, 3, 3, 32, 32]],
    ['a frame before which nothing is', [1, 1, 45, 48, 32], [3, 3, 3, 32, 64]],
  ])('makes results of 3x3 from fewer products, %s', async (_, x, weight) => {
    expect(await dispatchesOf(x, weight)).toBe(4);
  });

  it('transforms some frames at a time where a buffer holds no more, and none where it holds too few', async () => {
    const [x, weight] = [
      [2, 9, 13, 18, 32],
      [3, 3, 3, 32, 36],
    ];
    const frame = 4 * 36 * (2 * 4 * 5) * 36;
    expect(await dispatchesOf(x, weight, 6 * frame)).toBe(1 + 3 * 3);
    expect(await dispatchesOf(x, weight, 4 * frame)).toBe(1);
  });

  it('lets no later frame change an earlier one', async () => {
    const attrs = { strides: [1, 1, 1], border: 'around' };
    const inputs = inputsOf([1, 4, 6, 5, 8], [3, 3, 3, 8, 8]);
    const frame = 6 * 5 * 8;
    const begin = { ...inputs, x: { shape: [1, 2, 6, 5, 8], values: inputs.x.values.slice(0, 2 * frame) } };
    const [[whole], [part]] = [
      await runOnWebgpu('CausalConv3D', inputs, attrs),
      await runOnWebgpu('CausalConv3D', begin, attrs),
    ];
    expect(part!.values).toEqual(whole!.values.slice(0, 2 * frame));
  });
});

describeWebgpu('UpsampleCausalConv3D', () => {
  useLeakGuard();

  it('computes its reference for any shape, in both modes, with and without time', async () => {
    await fc.assert(
      fc.asyncProperty(
        clips,
        fc.boolean(),
        fc.constantFrom('nearest', 'trilinear'),
        fc.constantFrom(1, 3),
        async (clip, time, mode, taps) => {
          const x = [clip.batch, clip.time, clip.height, clip.width, clip.inChannels];
          const weight = [taps, 3, 3, clip.inChannels, clip.outChannels];
          const terms = 9 * taps * clip.inChannels;
          await expectReference('UpsampleCausalConv3D', inputsOf(x, weight), { time, mode }, 2 * rounding(terms));
        },
      ),
      { numRuns: 15 },
    );
  });

  it.each([
    ['trilinear', true],
    ['nearest', false],
  ])('reads a clip that is enlarged in patches: %s, time %s', async (mode, time) => {
    const inputs = inputsOf([1, 3, 14, 15, 32], [3, 3, 3, 32, 32]);
    await onSmallDevice(2 ** 27, async () => {
      const before = webgpu().dispatches;
      await expectReference('UpsampleCausalConv3D', inputs, { time, mode }, WINOGRAD);
      expect(webgpu().dispatches - before).toBe(4);
    });
  });
});
