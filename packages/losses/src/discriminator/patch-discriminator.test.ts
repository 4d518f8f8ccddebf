import { countParams, disposeParams, initParams, paramLeaves, storedShape } from '@od-vae/core';
import { largestDifference, noiseClip, scoped, useBackend, useLeakGuard } from '@od-vae/test-utils';
import { memory } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

import { sourceOf } from '../../fixtures/source-of.ts';
import { loadDiscriminator } from './load-discriminator.ts';
import {
  defaultDiscriminator,
  type DiscriminatorConfig,
  discriminatorSpec,
  discriminatorStatisticsSpec,
  patchDiscriminator,
} from './patch-discriminator.ts';

useBackend('cpu');
useLeakGuard();

const narrow: DiscriminatorConfig = { dimensions: 3, channels: 4, layers: 3 };
const flat: DiscriminatorConfig = { ...narrow, dimensions: 2 };

describe('discriminatorSpec', () => {
  it('has the published number of parameters, names and shapes', () => {
    const spec = discriminatorSpec(defaultDiscriminator);
    expect(countParams(spec)).toBe(4_665_729);
    const shapes = Object.fromEntries(
      [...paramLeaves(spec)].map((leaf) => [leaf.spec.storedName, storedShape(leaf.spec)]),
    );
    expect(shapes).toMatchObject({
      'main.0.weight': [64, 3, 3, 3, 3],
      'main.0.bias': [64],
      'main.2.weight': [128, 64, 3, 3, 3],
      'main.3.weight': [128],
      'main.8.weight': [512, 256, 3, 3, 3],
      'main.9.bias': [512],
      'main.11.weight': [1, 512, 3, 3, 3],
      'main.11.bias': [1],
    });
    expect(shapes).not.toHaveProperty(['main.2.bias']);
  });

  it('has frames of 4x4 kernels in two dimensions', () => {
    const spec = discriminatorSpec({ dimensions: 2, channels: 64, layers: 3 });
    expect(countParams(spec)).toBe(2_765_633);
    expect(storedShape(spec.last.weight)).toEqual([1, 512, 4, 4]);
  });

  it('stops doubling at eight times the first width', () => {
    expect(storedShape(discriminatorSpec({ dimensions: 3, channels: 4, layers: 5 }).last.weight)[1]).toBe(32);
  });
});

describe('patchDiscriminator', () => {
  it.each([
    [narrow, [1, 9, 32, 32, 3], [1, 3, 4, 4, 1]],
    [narrow, [2, 5, 32, 16, 3], [2, 2, 4, 2, 1]],
    [flat, [1, 3, 32, 32, 3], [1, 3, 2, 2, 1]],
  ] as const)('judges patches: $0.dimensions D, [%$1]', (config, shape, expected) => {
    scoped(() => {
      const params = initParams(discriminatorSpec(config));
      expect(patchDiscriminator(params, noiseClip('x', [...shape]), { config }).shape).toEqual(expected);
    })();
  });

  it(
    'reports the statistics of each norm in order',
    scoped(() => {
      const widths: number[] = [];
      const params = initParams(discriminatorSpec(narrow));
      patchDiscriminator(params, noiseClip('x', [1, 5, 16, 16, 3]), {
        config: narrow,
        onStatistics: (layer, { mean }) => {
          widths[layer] = mean.size;
        },
      });
      expect(widths).toEqual([8, 16, 32]);
    }),
  );

  it('leaves nothing behind but its logits, and refuses what is too small', () => {
    const params = initParams(discriminatorSpec(flat));
    const clip = noiseClip('x', [1, 1, 24, 24, 3]);
    const small = noiseClip('x', [1, 1, 16, 24, 3]);
    const before = memory().numTensors;
    patchDiscriminator(params, clip, { config: flat }).dispose();
    expect(() => patchDiscriminator(params, small, { config: flat })).toThrow(
      'needs [batch, time, height, width, 3] of at least 24 px, but the clip is [1,1,16,24,3].',
    );
    expect(memory().numTensors).toBe(before);
    for (const tensor of [clip, small]) tensor.dispose();
    disposeParams(params);
  });
});

describe('loadDiscriminator', () => {
  const spec = { params: discriminatorSpec(narrow), statistics: discriminatorStatisticsSpec(narrow) };

  it('finds its weights in a training checkpoint', async () => {
    const source = sourceOf(spec, (name) => `loss.discriminator.${name}`);
    const discriminator = await loadDiscriminator(source, narrow);
    const expected = await source.tensors.get('loss.discriminator.main.6.running_var')!.float32();
    expect(largestDifference(discriminator.statistics[1]!.variance.dataSync(), expected)).toBe(0);
    expect(discriminator.params.middle[2]!.conv.weight.shape).toEqual([3, 3, 3, 16, 32]);
    disposeParams(discriminator.params);
    disposeParams(discriminator.statistics);
  });

  it('names what another shape has', async () => {
    const source = sourceOf(spec);
    await expect(loadDiscriminator(source, { ...narrow, channels: 8 })).rejects.toThrow(
      'some.safetensors: "main.0.weight" is [4,3,3,3,3], but must be [8,3,3,3,3].',
    );
  });
});
