import '@od-vae/layers';
import { useBackend, useLeakGuard } from '@od-vae/test-utils';
import { backend_util } from '@tensorflow/tfjs-core';
import * as fc from 'fast-check';
import { describe, it } from 'vitest';

import { useAllBackends } from '../../fixtures/backends.ts';
import { clips, rounding, strides } from '../../fixtures/convolutions.ts';
import { noise, type Values } from '../../fixtures/values.ts';
import { conv2d, conv2dBackpropFilter, conv2dBackpropInput } from './conv2d.ts';
import { conv3d, conv3dBackpropFilter, conv3dBackpropInput } from './conv3d.ts';

useBackend('cpu');
useLeakGuard();
const expectStock = useAllBackends();

const kernelSize = fc.integer({ min: 1, max: 4 });
const kernelSizes = fc.tuple(kernelSize, kernelSize, kernelSize);
const TOLERANCE = rounding(2000);

/** Of a convolution's three tensors, those that a kernel reads, by the names under which it does. */
function chosen(kernelName: string, x: Values, filter: Values, dy: Values): Record<string, Values> {
  if (kernelName.includes('Input')) return { dy, filter };
  return kernelName.includes('Filter') ? { x, dy } : { x, filter };
}

describe.each([conv2d, conv2dBackpropInput, conv2dBackpropFilter])('$kernelName', (kernel) => {
  function expectAlike(inputShape: number[], filterShape: number[], attrs: Record<string, unknown>) {
    const [x, filter] = [inputShape, filterShape] as [
      [number, number, number, number],
      [number, number, number, number],
    ];
    const {
      strides: steps,
      pad,
      dilations = 1,
      dataFormat,
    } = attrs as { strides: [number, number]; pad: 'same'; dilations?: number; dataFormat: 'NHWC' };
    const layout = dataFormat === 'NHWC' ? 'channelsLast' : 'channelsFirst';
    const { outShape } = backend_util.computeConv2DInfo(x, filter, steps, dilations, pad, undefined, false, layout);
    const inputs = chosen(kernel.kernelName, noise('x', x), noise('filter', filter), noise('dy', outShape));
    expectStock(kernel, inputs, { dilations: 1, ...attrs, inputShape, filterShape }, TOLERANCE);
  }

  it('computes what the stock kernel does, for any shape, stride and padding', () => {
    fc.assert(
      fc.property(
        clips,
        kernelSizes,
        strides,
        fc.constantFrom('same', 'valid', 1),
        (clip, [, tall, wide], steps, pad) => {
          const x = [clip.batch, clip.height + 3, clip.width + 3, clip.inChannels];
          const filter = [tall, wide, clip.inChannels, clip.outChannels];
          expectAlike(x, filter, { strides: steps.slice(1), pad, dataFormat: 'NHWC' });
        },
      ),
      { numRuns: 15 },
    );
  });

  it('leaves channels first to the stock kernel', () => {
    expectAlike([1, 3, 6, 5], [3, 3, 3, 4], { strides: [1, 1], pad: 'same', dataFormat: 'NCHW' });
  });
});

describe.each([conv3d, conv3dBackpropInput, conv3dBackpropFilter])('$kernelName', (kernel) => {
  it('computes what the stock kernel does, for any shape, stride and padding', () => {
    fc.assert(
      fc.property(clips, kernelSizes, strides, fc.constantFrom('same', 'valid'), (clip, sizes, steps, pad) => {
        const x: [number, number, number, number, number] = [
          ...([clip.batch, clip.time + 3, clip.height + 3, clip.width + 3] as const),
          clip.inChannels,
        ];
        const filter: typeof x = [...sizes, clip.inChannels, clip.outChannels];
        const { outShape } = backend_util.computeConv3DInfo(x, filter, steps, 1, pad);
        const inputs = chosen(kernel.kernelName, noise('x', x), noise('filter', filter), noise('dy', outShape));
        expectStock(
          kernel,
          inputs,
          { strides: steps, pad, dilations: 1, inputShape: x, filterShape: filter },
          TOLERANCE,
        );
      }),
      { numRuns: 15 },
    );
  });
});

describe('Conv2D', () => {
  it('leaves dilated convolutions to the stock kernel', () => {
    const inputs = { x: noise('x', [1, 9, 8, 3]), filter: noise('filter', [3, 3, 3, 4]) };
    const attrs = { strides: [1, 1], pad: 'same', dataFormat: 'NHWC', dilations: [2, 2] };
    expectStock(conv2d, inputs, attrs, TOLERANCE);
  });
});
