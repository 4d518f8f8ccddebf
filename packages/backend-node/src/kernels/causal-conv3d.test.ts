import '@od-vae/kernel-suite';
import { useLeakGuard } from '@od-vae/test-utils';
import * as fc from 'fast-check';
import { it } from 'vitest';

import { clips, convolutionKernels, rounding, strides } from '../../../backend-simd/fixtures/convolutions.ts';
import { noise } from '../../../backend-simd/fixtures/values.ts';
import { describeTensorflow, expectReference, runOnTensorflow } from '../../fixtures/tensorflow.ts';

describeTensorflow('CausalConv3D and its gradients', () => {
  useLeakGuard();

  it('compute their references for any shape, stride and border', async () => {
    await fc.assert(
      fc.asyncProperty(
        clips,
        convolutionKernels,
        fc.integer({ min: 1, max: 4 }),
        strides,
        async (clip, [tall, wide, border], taps, steps) => {
          const grow = border === 'around' ? 0 : 2;
          const x = [clip.batch, clip.time, clip.height + grow, clip.width + grow, clip.inChannels];
          const weight = [taps, tall, wide, clip.inChannels, clip.outChannels];
          const inputs = { x: noise('x', x), weight: noise('weight', weight), bias: noise('bias', [clip.outChannels]) };
          const attrs = { strides: steps, border };
          await expectReference('CausalConv3D', inputs, attrs, rounding(taps * tall * wide * clip.inChannels));
          const [y] = runOnTensorflow('CausalConv3D', inputs, attrs);
          const terms = 36 * Math.max(clip.outChannels, clip.batch * clip.time * clip.height * clip.width);
          for (const gradient of ['Input', 'Filter', 'Bias']) {
            const given = { ...inputs, dy: noise('dy', y!.shape) };
            await expectReference(`CausalConv3DBackprop${gradient}`, given, attrs, rounding(terms));
          }
        },
      ),
      { numRuns: 20 },
    );
  });
});
