import '@tensorflow/tfjs-layers';
import { disposeParams, initParams, mapParams } from '@od-vae/core';
import { goldenInput, largestDifference, scoped, useBackend, useLeakGuard } from '@od-vae/test-utils';
import { abs, grad, memory, slice, sum, type Tensor, tensor4d, type Tensor4D, zeros } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { sourceOf } from '../../fixtures/source-of.ts';
import { lpipsFeatures } from './features.ts';
import { loadLpips } from './load-lpips.ts';
import { featureDistance, lpips } from './lpips.ts';
import { type LpipsParams, lpipsSpec } from './lpips-spec.ts';

useBackend('cpu');
useLeakGuard();

const FLOAT32 = 1e-6;
const frames = (key: string, count = 1, size = 32): Tensor4D =>
  tensor4d(goldenInput(key, [count, size, size, 3]), [count, size, size, 3]);

const network = 'squeeze';
let params: LpipsParams;
beforeAll(async () => {
  const loaded = await loadLpips(sourceOf(lpipsSpec(network)), network);
  params = { ...loaded, heads: loaded.heads.map((head) => abs(head)) };
  disposeParams(loaded.heads);
});
afterAll(() => disposeParams(params));

describe('lpips', () => {
  it(
    'is zero between equal frames, positive and symmetric between others, frame by frame',
    scoped(() => {
      const [a, b] = [frames('a', 2), frames('b', 2)];
      expect([...lpips(params, a, a, { network }).dataSync()]).toEqual([0, 0]);
      const distances = lpips(params, a, b, { network }).dataSync();
      expect(Math.min(...distances)).toBeGreaterThan(0);
      expect(largestDifference(lpips(params, b, a, { network }).dataSync(), distances)).toBeLessThan(FLOAT32);
      const second = [a, b].map((both) => slice(both, [1, 0, 0, 0], [1, 32, 32, 3])) as [Tensor4D, Tensor4D];
      expect(lpips(params, ...second, { network }).dataSync()[0]).toBeCloseTo(distances[1]!, 6);
    }),
  );

  it(
    'takes nearly the same mean over maps in the size of the image',
    scoped(() => {
      const [a, b] = [frames('a'), frames('b')];
      const plain = lpips(params, a, b, { network }).dataSync()[0]!;
      const spatial = lpips(params, a, b, { network, spatial: true }).dataSync()[0]!;
      expect(spatial / plain).toBeGreaterThan(0.8);
      expect(spatial / plain).toBeLessThan(1.25);
      expect(spatial).not.toBe(plain);
    }),
  );

  it(
    'has a finite gradient that leads to less distance, also where all features are zero',
    scoped(() => {
      const [a, b] = [frames('a'), frames('b')];
      const distance = (x: Tensor) => sum(lpips(params, x as Tensor4D, b, { network }));
      const slope = grad(distance)(a).dataSync();
      const moved = tensor4d(
        a.dataSync().map((value, index) => value - 0.5 * slope[index]!),
        a.shape,
      );
      expect(distance(moved).dataSync()[0]).toBeLessThan(distance(a).dataSync()[0]!);
      const dead = mapParams(params, (tensor) => zeros(tensor.shape));
      const none = grad((x: Tensor) => sum(lpips(dead, x as Tensor4D, b, { network })))(a).dataSync();
      expect([...none].every((value) => value === 0)).toBe(true);
    }),
  );

  it('refuses frames of two shapes and leaves nothing behind', () => {
    const [a, b] = [frames('a', 1, 32), frames('b', 1, 40)];
    const before = memory().numTensors;
    expect(() => lpips(params, a, b, { network })).toThrow(
      'lpips: both need one shape, but are [1,32,32,3] and [1,40,40,3].',
    );
    lpips(params, a, a, { network }).dispose();
    expect(memory().numTensors).toBe(before);
    for (const one of [a, b]) one.dispose();
  });
});

describe('lpipsFeatures', () => {
  it.each([
    ['vgg', [16, 8, 4, 2, 1], [64, 128, 256, 512, 512]],
    ['alex', [8, 3, 1, 1, 1], [64, 192, 384, 256, 256]],
    ['squeeze', [16, 8, 4, 2, 2, 2, 2], [64, 128, 256, 384, 384, 512, 512]],
  ] as const)('of %s has the sizes that torchvision gives', (name, sizes, channels) => {
    scoped(() => {
      const size = { vgg: 16, alex: 35, squeeze: 33 }[name];
      const weights = initParams(lpipsSpec(name));
      const features = lpipsFeatures(weights, zeros([1, size, size, 3]), name);
      expect(features.map(({ shape }) => shape[1])).toEqual(sizes);
      expect(features.map(({ shape }) => shape[3])).toEqual(channels);
    })();
  });

  it(
    'refuses frames that are pooled away',
    scoped(() => {
      expect(() => lpipsFeatures(params, frames('a', 1, 12), network)).toThrow(
        'lpips: frames of 12x12 px are too small for squeeze.',
      );
    }),
  );

  it(
    'spares the second look at a frame',
    scoped(() => {
      const [a, b] = [frames('a'), frames('b')];
      const [known, other] = [a, b].map((one) => lpipsFeatures(params, one, network));
      expect(featureDistance(params, known!, other!).dataSync()).toEqual(lpips(params, a, b, { network }).dataSync());
    }),
  );
});

describe('loadLpips', () => {
  const spec = lpipsSpec('squeeze');

  it.each([
    ['the lpips package', (name: string) => name.replace('features.', 'net.slice2.')],
    ['a training checkpoint', (name: string) => `loss.perceptual_loss.${name.replace('features.', 'net.slice2.')}`],
  ])('reads the names of %s', async (_, rename) => {
    const loaded = await loadLpips(sourceOf(spec, rename), 'squeeze');
    expect(loaded.convolutions[4]!.weight.dataSync()).toEqual(params.convolutions[4]!.weight.dataSync());
    disposeParams(loaded);
  });

  it('takes the network from one file and the heads from another', async () => {
    const all = sourceOf(spec);
    const part = (heads: boolean) => ({
      label: heads ? 'heads.pth' : 'network.pth',
      tensors: new Map([...all.tensors].filter(([name]) => name.startsWith('lin') === heads)),
    });
    disposeParams(await loadLpips([part(false), part(true)], 'squeeze'));
    await expect(loadLpips(part(false), 'squeeze')).rejects.toThrow(
      'network.pth: needs 57 weights, but 7 of them are missing: "lin0.model.1.weight"',
    );
  });
});
